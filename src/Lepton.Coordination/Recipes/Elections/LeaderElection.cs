using System.Runtime.CompilerServices;
using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Recipes;

/// <summary>
/// An election of one leader among many candidates, each with a value that says who it is. Thread safe.
/// </summary>
/// <remarks>
/// <para>
/// <b>Promised.</b> Candidates lead in the order in which they stood, one at a time as the servers see it, each with a
/// larger <see cref="Leadership.FencingToken"/>. A leader that dies is followed when its lease's time is over. One
/// leader going wakes one candidate; observers are all told.
/// </para>
/// <para>
/// <b>Not promised.</b> That a paused leader knows that it leads no more: as with <see cref="DistributedLock"/>, what
/// it acts on must check the token. Observers see every leader that is in office when they look, but may miss one that
/// was in office for a moment.
/// </para>
/// <para>
/// Keys: <c>NAME/LEASE</c> with the candidate's value, as etcd's <c>concurrency</c> package and <c>etcdctl elect</c>
/// have it. Sources: etcd <c>concurrency.Election</c>; ZooKeeper recipes, "Leader election".
/// </para>
/// </remarks>
public sealed class LeaderElection
{
    private readonly CoordinationClient _client;
    private readonly LeaseSession? _session;
    private readonly LeaseSessionOptions _options;
    private readonly WaitQueue _queue;

    /// <summary>An election in which each candidacy has a lease of its own.</summary>
    /// <param name="client">Must outlive the leaderships.</param>
    /// <param name="name">The election's name, a key's prefix; not empty.</param>
    /// <param name="options">The leases; null for the defaults.</param>
    public LeaderElection(CoordinationClient client, string name, LeaseSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(name);
        _options = options ?? new LeaseSessionOptions();
        _options.Validate();
        _client = client;
        Name = name;
        _queue = new WaitQueue(client, name, $"the election '{name}'");
    }

    /// <summary>An election in which candidacies share a session's lease.</summary>
    /// <param name="session">Must outlive the leaderships.</param>
    /// <param name="name">The election's name, a key's prefix; not empty.</param>
    public LeaderElection(LeaseSession session, string name)
        : this(session?.Client ?? throw new ArgumentNullException(nameof(session)), name) => _session = session;

    /// <summary>The election's name.</summary>
    public string Name { get; }

    /// <summary>Stands for election, and waits until this candidate leads.</summary>
    /// <param name="value">What observers get to see, such as the leader's address.</param>
    /// <param name="cancellationToken">Withdraws the candidacy.</param>
    /// <returns>Dispose it to resign.</returns>
    /// <exception cref="LeaseLostException">The caller's session is lost.</exception>
    /// <exception cref="CoordinationException">The servers can't be reached, or refuse.</exception>
    public async Task<Leadership> CampaignAsync(Bytes value, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Acquisition acquisition = await Acquisition.BeginAsync(_client, _session, _options, cancellationToken)
                .ConfigureAwait(false);
            try
            {
                QueuePlace place = await acquisition.JoinAsync(_queue, value, cancellationToken).ConfigureAwait(false);
                await _queue.WaitForTurnAsync(place, acquisition.Session, cancellationToken).ConfigureAwait(false);
                return new Leadership(Name, new Tenure(
                    acquisition.Session, acquisition.OwnsSession, place, $"The leadership of '{Name}'"));
            }
            catch (LeaseLostException) when (_session is null)
            {
                // It never led; it stands again, behind the others.
                await acquisition.AbandonAsync().ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }
            catch
            {
                await acquisition.AbandonAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>Tells who leads.</summary>
    /// <returns>Null where nobody does.</returns>
    /// <exception cref="CoordinationException">The read failed.</exception>
    public async Task<Leader?> GetLeaderAsync(CancellationToken cancellationToken = default) =>
        (await ReadAsync(cancellationToken).ConfigureAwait(false)).Leader;

    /// <summary>
    /// Tells who leads, now and whenever it changes: another leader, another value of the same one, or nobody (null).
    /// </summary>
    /// <param name="cancellationToken">Ends the observation.</param>
    /// <exception cref="CoordinationException">The servers refuse, or could not be read for longer than a call may
    /// take.</exception>
    public async IAsyncEnumerable<Leader?> ObserveAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Leader? told = null;
        bool first = true;
        while (true)
        {
            (Leader? leader, Revision seenAt) = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (first || leader != told)
            {
                (first, told) = (false, leader);
                yield return leader;
            }

            // A leader's own key tells all that can change while it leads; without one, any candidate does.
            await WaitForChangeAsync(leader is null ? _queue.Places : leader.Key, seenAt.Next, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    private async Task<(Leader? Leader, Revision SeenAt)> ReadAsync(CancellationToken cancellationToken)
    {
        RangeOptions first = new() { OrderBy = RangeOrder.CreateRevision, Limit = 1 };
        RangeResult result = await _client.RangeAsync(_queue.Places, first, cancellationToken).ConfigureAwait(false);
        Leader? leader = result.Entries is [var entry, ..]
            ? new Leader(entry.Value, entry.CreateRevision, entry.Key)
            : null;
        return (leader, result.Revision);
    }

    private async Task WaitForChangeAsync(KeyRange keys, Revision from, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (WatchBatch batch in _client.WatchAsync(
                keys, new WatchOptions { StartRevision = from }, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }
        catch (CompactedException)
        {
            // What changed can't be told any more; it is read instead.
            return;
        }
    }
}
