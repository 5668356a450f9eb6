using Lepton.Coordination.Client;
using Lepton.Core.Randomness;
using Lepton.Rpc;
using Lepton.Storage.Metadata;

namespace Lepton.Simulation.Objects;

/// <summary>
/// The coordination store as one process reaches it: requests and answers are lost, and what went out may take effect
/// long after nobody waits for it any more.
/// </summary>
internal sealed class MetadataLink(ObjectCluster cluster, NodeLife life, int from, SeededRandom random)
    : IMetadataStore
{
    private const string Endpoint = "simulated";

    /// <summary>A page of the store's, of which scans read many.</summary>
    private const int PageKeys = 1000;

    public async Task<MetadataEntry?> GetAsync(Bytes key, CancellationToken cancellationToken) =>
        (await RangeAsync(key, 0, Revision.None, cancellationToken)).Entries is [var entry] ? entry : null;

    public Task<MetadataPage> RangeAsync(
        KeyRange keys, int limit, Revision atRevision, CancellationToken cancellationToken)
    {
        // Scans ask for a thousand keys; as a simulated store has few, it gives few, so that there are several pages.
        int most = limit == PageKeys ? cluster.Scenario.PageKeys : limit;
        return AskAsync(
            () => cluster.Metadata.Range(keys, most, atRevision) ?? throw new CompactedException(
                Endpoint, Revision.None, $"What was asked for as of {atRevision} was compacted."),
            () => Unavailable("The read was not answered."), 0, cancellationToken);
    }

    public Task<Revision?> CommitAsync(MetadataTxn txn, CancellationToken cancellationToken)
    {
        if (Happens(cluster.Network.LostPerMille))
        {
            cluster.Faults.Hit(ObjectFault.CommitRefused);
            return Task.FromException<Revision?>(Unavailable("The store has too much to do."));
        }

        bool isLate = Happens(cluster.Network.LatePerMille);
        if (isLate)
        {
            cluster.Faults.Hit(ObjectFault.CommitLate);
        }

        return AskAsync(
            () => cluster.Metadata.Commit(txn),
            () => new OutcomeUnknownException(
                RpcParty.Network, Endpoint, "It is not known whether the transaction took effect."),
            isLate ? random.NextInt32(40_000_000) : 0, cancellationToken);
    }

    /// <summary>Asks for a lease.</summary>
    public Task<LeaseId> GrantAsync(long ttlUs, CancellationToken cancellationToken) => AskAsync(
        () => cluster.Metadata.Grant(ttlUs), () => Unavailable("No lease was granted."), 0, cancellationToken);

    /// <summary>Keeps a lease alive.</summary>
    /// <returns>Whether it was.</returns>
    public Task<bool> KeepAliveAsync(LeaseId lease, long ttlUs, CancellationToken cancellationToken) => AskAsync(
        () => cluster.Metadata.KeepAlive(lease, ttlUs), () => Unavailable("The lease was not kept alive."), 0,
        cancellationToken);

    private static CoordinationException Unavailable(string message) =>
        new(CoordinationFailure.Unavailable, RpcParty.Network, Endpoint, message);

    private bool Happens(int perMille) => perMille > 0 && random.NextInt32(1000) < perMille;

    private async Task<T> AskAsync<T>(
        Func<T> ask, Func<CoordinationException> unanswered, long laterUs, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        life.DemandRunning();
        TaskCompletionSource<T> answer = new();
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            _ => answer.TrySetCanceled(cancellationToken), null);
        life.After(4_000_000 + random.NextInt32(8_000_000), () =>
        {
            if (!answer.Task.IsCompleted)
            {
                CoordinationException fault = unanswered();
                cluster.Faults.Hit(
                    fault is OutcomeUnknownException ? ObjectFault.OutcomeUnknown : ObjectFault.ReadFailed);
                answer.TrySetException(fault);
            }
        });
        cluster.Network.Send(from, ObjectNetwork.Metadata, () => Serve(ask, answer), laterUs);
        return await answer.Task;
    }

    private void Serve<T>(Func<T> ask, TaskCompletionSource<T> answer)
    {
        Action arrive;
        try
        {
            T result = ask();
            arrive = () => answer.TrySetResult(result);
        }
        catch (CoordinationException e)
        {
            arrive = () => answer.TrySetException(e);
        }

        cluster.Network.Send(ObjectNetwork.Metadata, from, () => life.Do(arrive));
    }
}
