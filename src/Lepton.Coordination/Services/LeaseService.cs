using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Rpc;
using Lepton.Rpc.Server;

namespace Lepton.Coordination.Services;

/// <summary>
/// etcd's service <c>Lease</c>. What is about time is asked of the leader: of this node's own keeper where it leads,
/// through the forwarder otherwise.
/// </summary>
internal sealed class LeaseService(ServiceCore core, LeaseKeeper keeper, ILeaseForwarder? forwarder)
{
    private const string Service = "etcdserverpb.Lease";
    private const int KeepAlivesTogetherMax = 1000;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    public void MapTo(ServiceMap map)
    {
        map.Unary(Service, "LeaseGrant", LeaseGrantRequest.Parser, LeaseGrantResponse.Parser, GrantAsync);
        map.Unary(Service, "LeaseRevoke", LeaseRevokeRequest.Parser, LeaseRevokeResponse.Parser, RevokeAsync);
        map.Unary(Service, "LeaseTimeToLive", LeaseTimeToLiveRequest.Parser, LeaseTimeToLiveResponse.Parser,
            TimeToLiveAsync);
        map.Unary(Service, "LeaseLeases", LeaseLeasesRequest.Parser, LeaseLeasesResponse.Parser, ListAsync);
        map.Duplex(
            Service, "LeaseKeepAlive", LeaseKeepAliveRequest.Parser, LeaseKeepAliveResponse.Parser,
            KeepAliveAsync);
    }

    public async Task<LeaseGrantResponse> GrantAsync(LeaseGrantRequest request, CancellationToken cancellationToken)
    {
        await core.CheckQuotaAsync(request.CalculateSize(), cancellationToken).ConfigureAwait(false);

        // The id is in the command, so that every node grants the same; so is the shortest time that it may have.
        LeaseGrantRequest decided = new()
        {
            ID = request.ID != 0 ? request.ID : core.Options.NewId(),
            TTL = Math.Max(request.TTL, core.Options.LeaseTtlSecondsMin),
        };
        LeaseGrantResponse response = await core.ProposeAsync<LeaseGrantResponse>(
            new Command { LeaseGrant = decided }, cancellationToken).ConfigureAwait(false);
        core.Metrics.CountLeaseGrant();
        response.Header = core.Fill(response.Header);
        return response;
    }

    public async Task<LeaseRevokeResponse> RevokeAsync(
        LeaseRevokeRequest request, CancellationToken cancellationToken)
    {
        LeaseRevokeResponse response = await core.ProposeAsync<LeaseRevokeResponse>(
            new Command { LeaseRevoke = request }, cancellationToken).ConfigureAwait(false);
        core.Metrics.CountLeaseRevoke();
        response.Header = core.Fill(response.Header);
        return response;
    }

    private async Task<LeaseTimeToLiveResponse> TimeToLiveAsync(
        LeaseTimeToLiveRequest request, CancellationToken cancellationToken)
    {
        LeaseTime time = (await AskLeaderAsync(
            static (keeper, ids, token) => keeper.TimeToLiveAsync(ids, token),
            static (forwarder, leader, ids, token) => forwarder.TimeToLiveAsync(leader, ids, token),
            [request.ID], cancellationToken).ConfigureAwait(false))[0];
        LeaseTimeToLiveResponse response = new()
        {
            Header = core.Header(),
            ID = request.ID,
            TTL = time.Exists ? WholeSeconds(time.Remaining) : -1,
            GrantedTTL = time.Exists ? time.GrantedSeconds : 0,
        };
        if (request.Keys && time.Exists)
        {
            response.Keys.AddRange(core.State.LeaseKeys(request.ID));
        }

        return response;
    }

    private async Task<LeaseLeasesResponse> ListAsync(LeaseLeasesRequest request, CancellationToken cancellationToken)
    {
        await core.BarrierAsync(cancellationToken).ConfigureAwait(false);
        LeaseLeasesResponse response = new() { Header = core.Header() };
        response.Leases.AddRange(core.State.Leases().Select(static id => new LeaseStatus { ID = id }));
        return response;
    }

    private async Task KeepAliveAsync(
        IRpcServerStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream, CancellationToken cancellationToken)
    {
        // Clients keep all their leases alive over one stream. What came while the last ones were confirmed is
        // confirmed together, or a client of many leases would lose them for want of time.
        Task<LeaseKeepAliveRequest?> next = stream.ReadAsync(cancellationToken).AsTask();
        List<long> ids = [];
        while (await next.ConfigureAwait(false) is { } request)
        {
            ids.Add(request.ID);
            next = stream.ReadAsync(cancellationToken).AsTask();
            if (!next.IsCompleted || ids.Count >= KeepAlivesTogetherMax)
            {
                await AnswerAsync(ids, stream, cancellationToken).ConfigureAwait(false);
                ids.Clear();
            }
        }

        await AnswerAsync(ids, stream, cancellationToken).ConfigureAwait(false);
    }

    private async Task AnswerAsync(
        List<long> ids, IRpcServerStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> stream,
        CancellationToken cancellationToken)
    {
        if (ids.Count == 0)
        {
            return;
        }

        // The header's revision is from before: should a lease end right after, a client must not see it alive at a
        // later revision than that.
        ResponseHeader header = core.Header();
        IReadOnlyList<LeaseTime> times = await AskLeaderAsync(
            static (keeper, ids, token) => keeper.KeepAliveAsync(ids, token),
            static (forwarder, leader, ids, token) => forwarder.KeepAliveAsync(leader, ids, token),
            ids, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < ids.Count; i++)
        {
            long seconds = times[i].Exists ? times[i].GrantedSeconds : 0;
            core.Metrics.CountKeepAlive();
            await stream.WriteAsync(
                new LeaseKeepAliveResponse { Header = header, ID = ids[i], TTL = seconds }, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>A lease ends in under one second more than this.</summary>
    private static long WholeSeconds(TimeSpan remaining) =>
        Math.Max((long)Math.Ceiling(remaining.TotalSeconds) - 1, 0);

    /// <summary>Asks the leader, and again where that has changed, for as long as a request may take.</summary>
    private Task<IReadOnlyList<LeaseTime>> AskLeaderAsync(
        Func<LeaseKeeper, IReadOnlyList<long>, CancellationToken, Task<IReadOnlyList<LeaseTime>>> here,
        Func<ILeaseForwarder, NodeId, IReadOnlyList<long>, CancellationToken, Task<IReadOnlyList<LeaseTime>>> there,
        IReadOnlyList<long> leaseIds, CancellationToken cancellationToken) => core.RunAsync(
        async (consensus, token) =>
        {
            while (true)
            {
                ConsensusStatus status = consensus.Status;
                try
                {
                    if (status.IsLeader)
                    {
                        return await here(keeper, leaseIds, token).ConfigureAwait(false);
                    }

                    if (status.Leader != NodeId.None && forwarder is not null)
                    {
                        return await there(forwarder, status.Leader, leaseIds, token).ConfigureAwait(false);
                    }
                }
                catch (ConsensusException e) when (e.Failure is ConsensusFailure.NoLeader
                    or ConsensusFailure.NotLeader or ConsensusFailure.LeaderChanged)
                {
                    // An election is under way; the lease's time does not pass meanwhile.
                    core.Metrics.CountFailure();
                }

                await Task.Delay(RetryDelay, core.Options.TimeProvider, token).ConfigureAwait(false);
            }
        },
        cancellationToken);
}
