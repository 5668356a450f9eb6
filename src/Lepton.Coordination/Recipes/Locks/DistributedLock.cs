using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Recipes;

/// <summary>
/// A lock that one process of many holds at a time. Thread safe; acquisitions of one instance keep each other out, too:
/// it is not re-entrant.
/// </summary>
/// <remarks>
/// <para>
/// <b>Promised.</b> The lock is given in the order in which it was asked for, each time with a larger
/// <see cref="HeldLock.FencingToken"/>. It is always tied to a lease that the holder keeps alive: a dead holder's lock
/// is free after the lease's time. A holder is told by <see cref="HeldLock.Lost"/> before the servers give the lock to
/// another, as long as its process runs and its clock keeps pace. A release frees the next waiter and wakes nobody
/// else.
/// </para>
/// <para>
/// <b>Not promised.</b> That a holder which was paused does nothing after it has lost the lock: no lock service can.
/// Let the resource refuse what comes with an older token than it has seen.
/// </para>
/// <para>
/// Without a session of the caller's, each acquisition has a lease of its own, so that nothing of one reaches into the
/// next. With one, acquisitions share its lease: cheaper, and all are lost together.
/// </para>
/// <para>
/// Keys: <c>NAME/LEASE</c>, as etcd's <c>concurrency</c> package and <c>etcdctl lock</c> have it; these keep each other
/// out. Sources: etcd <c>concurrency.Mutex</c>; ZooKeeper recipes, "Locks" (each waiter watches the node before its
/// own).
/// </para>
/// </remarks>
public sealed class DistributedLock
{
    private readonly CoordinationClient _client;
    private readonly LeaseSession? _session;
    private readonly LeaseSessionOptions _options;
    private readonly WaitQueue _queue;
    private readonly string _what;

    /// <summary>A lock whose acquisitions have a lease of their own each.</summary>
    /// <param name="client">Must outlive what is acquired.</param>
    /// <param name="name">The lock's name, a key's prefix; not empty.</param>
    /// <param name="options">The leases; null for the defaults.</param>
    public DistributedLock(CoordinationClient client, string name, LeaseSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(name);
        _options = options ?? new LeaseSessionOptions();
        _options.Validate();
        _client = client;
        Name = name;
        _what = $"The lock '{name}'";
        _queue = new WaitQueue(client, name, $"the lock '{name}'");
    }

    /// <summary>A lock whose acquisitions share a session's lease.</summary>
    /// <param name="session">Must outlive what is acquired.</param>
    /// <param name="name">The lock's name, a key's prefix; not empty.</param>
    public DistributedLock(LeaseSession session, string name)
        : this(session?.Client ?? throw new ArgumentNullException(nameof(session)), name) => _session = session;

    /// <summary>The lock's name.</summary>
    public string Name { get; }

    /// <summary>
    /// Waits until this process holds the lock. A waiter whose lease is lost goes to the end of the queue with a new
    /// one; with a session of the caller's, it fails.
    /// </summary>
    /// <param name="cancellationToken">Leaves the queue.</param>
    /// <returns>Dispose it to release the lock.</returns>
    /// <exception cref="LeaseLostException">The caller's session is lost.</exception>
    /// <exception cref="CoordinationException">The servers can't be reached, or refuse.</exception>
    public async Task<HeldLock> AcquireAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                return (await AcquireAsync(wait: true, cancellationToken).ConfigureAwait(false))!;
            }
            catch (LeaseLostException) when (_session is null)
            {
                // It was never held, so nobody depends on it.
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Takes the lock where nobody holds it or waits for it.</summary>
    /// <returns>Null where somebody does.</returns>
    /// <exception cref="LeaseLostException">The lease was lost on the way.</exception>
    /// <exception cref="CoordinationException">The servers can't be reached, or refuse.</exception>
    public Task<HeldLock?> TryAcquireAsync(CancellationToken cancellationToken = default) =>
        AcquireAsync(wait: false, cancellationToken);

    private async Task<HeldLock?> AcquireAsync(bool wait, CancellationToken cancellationToken)
    {
        Acquisition acquisition = await Acquisition.BeginAsync(_client, _session, _options, cancellationToken)
            .ConfigureAwait(false);
        try
        {
            LeaseSession session = acquisition.Session;
            QueuePlace place = await acquisition.JoinAsync(_queue, Bytes.Empty, cancellationToken)
                .ConfigureAwait(false);
            if (wait)
            {
                await _queue.WaitForTurnAsync(place, session, cancellationToken).ConfigureAwait(false);
            }
            else if (await _queue.FindPredecessorAsync(place, session, cancellationToken).ConfigureAwait(false)
                is not null)
            {
                await acquisition.AbandonAsync().ConfigureAwait(false);
                return null;
            }

            return new HeldLock(Name, new Tenure(session, acquisition.OwnsSession, place, _what));
        }
        catch
        {
            await acquisition.AbandonAsync().ConfigureAwait(false);
            throw;
        }
    }
}
