using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Failures;
using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Recipes;

/// <summary>A number of permits, of which each holder has one. Thread safe.</summary>
/// <remarks>
/// <para>
/// <b>Promised.</b> Never more holders than permits, as the servers see it; permits are given in the order in which
/// they were asked for; a dead holder's permit is free when its lease's time is over. Participants that name another
/// number of permits than those who hold or wait are refused.
/// </para>
/// <para>
/// <b>Not promised.</b> Fencing: with several holders at once, a larger <see cref="HeldPermit.Revision"/> does not make
/// a smaller one invalid.
/// </para>
/// <para>
/// Waiters stand in a queue (<c>NAME/queue/LEASE</c>) like that of <see cref="DistributedLock"/>. Only the first of
/// them watches the holders (<c>NAME/holders/LEASE</c>), so a permit that comes back wakes one, and only the first may
/// add a holder, so the number that it counted can only have fallen. Sources: Curator's <c>InterProcessSemaphoreV2</c>;
/// ZooKeeper recipes, "Locks".
/// </para>
/// </remarks>
public sealed class DistributedSemaphore
{
    private readonly CoordinationClient _client;
    private readonly LeaseSession? _session;
    private readonly LeaseSessionOptions _options;
    private readonly WaitQueue _queue;
    private readonly Bytes _holders;
    private readonly Bytes _permitsText;
    private readonly string _what;

    /// <summary>A semaphore whose permits have a lease of their own each.</summary>
    /// <param name="client">Must outlive the permits.</param>
    /// <param name="name">The semaphore's name, a key's prefix; not empty.</param>
    /// <param name="permits">How many holders there may be; all participants must say the same.</param>
    /// <param name="options">The leases; null for the defaults.</param>
    public DistributedSemaphore(
        CoordinationClient client, string name, int permits, LeaseSessionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(permits, 1);
        _options = options ?? new LeaseSessionOptions();
        _options.Validate();
        _client = client;
        Name = name;
        Permits = permits;
        _permitsText = permits.ToString(CultureInfo.InvariantCulture);
        _holders = $"{name}/holders/";
        _what = $"the semaphore '{name}'";
        _queue = new WaitQueue(client, $"{name}/queue", _what);
    }

    /// <summary>A semaphore whose permits share a session's lease.</summary>
    /// <param name="session">Must outlive the permits.</param>
    /// <param name="name">The semaphore's name, a key's prefix; not empty.</param>
    /// <param name="permits">How many holders there may be; all participants must say the same.</param>
    public DistributedSemaphore(LeaseSession session, string name, int permits)
        : this(session?.Client ?? throw new ArgumentNullException(nameof(session)), name, permits) =>
        _session = session;

    /// <summary>The semaphore's name.</summary>
    public string Name { get; }

    /// <summary>How many holders there may be.</summary>
    public int Permits { get; }

    /// <summary>Waits for a permit.</summary>
    /// <param name="cancellationToken">Leaves the queue.</param>
    /// <returns>Dispose it to give the permit back.</returns>
    /// <exception cref="InvalidOperationException">Others say another number of permits.</exception>
    /// <exception cref="LeaseLostException">The caller's session is lost.</exception>
    /// <exception cref="CoordinationException">The servers can't be reached, or refuse.</exception>
    public async Task<HeldPermit> AcquireAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Acquisition acquisition = await Acquisition.BeginAsync(_client, _session, _options, cancellationToken)
                .ConfigureAwait(false);
            try
            {
                QueuePlace waiting = await acquisition.JoinAsync(_queue, _permitsText, cancellationToken)
                    .ConfigureAwait(false);
                await _queue.WaitForTurnAsync(waiting, acquisition.Session, cancellationToken).ConfigureAwait(false);
                await WaitForPermitAsync(acquisition.Session, cancellationToken).ConfigureAwait(false);
                Bytes permit = _holders.Append(acquisition.Session.NextKeyPart());
                QueuePlace holding = await acquisition.MakeAsync(
                    permit, () => TakePermitAsync(acquisition.Session, permit, waiting, cancellationToken))
                    .ConfigureAwait(false);
                return new HeldPermit(Name, new Tenure(
                    acquisition.Session, acquisition.OwnsSession, holding, $"The permit of '{Name}'"));
            }
            catch (LeaseLostException) when (_session is null)
            {
                // It never held a permit; it waits again, behind the others.
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

    /// <summary>For the first of the queue: waits until a permit is free.</summary>
    private async Task WaitForPermitAsync(LeaseSession session, CancellationToken cancellationToken)
    {
        while (true)
        {
            RangeResult holders = await _client.RangeAsync(KeyRange.Prefix(_holders), null, cancellationToken)
                .ConfigureAwait(false);
            if (holders.Entries.FirstOrDefault(holder => holder.Value != _permitsText) is { } other)
            {
                throw new InvalidOperationException(
                    $"A holder of {_what} ('{other.Key}') says that it has {other.Value} permits, this process says " +
                    $"{Permits}. All participants must say the same: correct this one, or end those.");
            }

            if (holders.Count < Permits)
            {
                return;
            }

            await _queue.WaitAsync(session, KeyRange.Prefix(_holders), holders.Revision.Next, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>In one step: becomes a holder and makes room for the next of the queue.</summary>
    private async Task<QueuePlace> TakePermitAsync(
        LeaseSession session, Bytes key, QueuePlace waiting, CancellationToken cancellationToken)
    {
        TxnResult result = await _client.RunTxnAsync(
            Txn.If(Condition.CreateRevision(waiting.Key, Comparison.Equal, waiting.Revision))
                .Then(
                    Operation.Put(key, _permitsText, new PutOptions { Lease = session.Lease }),
                    Operation.Delete(waiting.Key))
                .Else(Operation.Get(key)),
            CallKind.RepeatableWrite, $"the permit of '{Name}'", null, cancellationToken).ConfigureAwait(false);
        session.ThrowIfLost($"The permit of '{Name}'");
        if (result.Succeeded)
        {
            return new QueuePlace(key, result.Revision);
        }

        // Where the answer of a first call was lost, the second finds what the first one made.
        return result.Outcomes[0].Range.Entries is [var holder]
            ? new QueuePlace(key, holder.CreateRevision)
            : throw new LeaseLostException(LeaseLoss.KeyDeleted, $"The place of {_what}");
    }
}
