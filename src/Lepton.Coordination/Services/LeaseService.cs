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
        LeaseTime time = await AskLeaderAsync(
            static (keeper, id, token) => keeper.TimeToLiveAsync(id, token),
            static (forwarder, leader, id, token) => forwarder.TimeToLiveAsync(leader, id, token),
            request.ID, cancellationToken).ConfigureAwait(false);
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
        while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false) is { } request)
        {
            // The header's revision is from before: should the lease end right after, a client must not see it alive
            // at a later revision than that.
            LeaseKeepAliveResponse response = new() { Header = core.Header(), ID = request.ID };
            LeaseTime time = await AskLeaderAsync(
                static (keeper, id, token) => keeper.KeepAliveAsync(id, token),
                static (forwarder, leader, id, token) => forwarder.KeepAliveAsync(leader, id, token),
                request.ID, cancellationToken).ConfigureAwait(false);
            response.TTL = time.Exists ? time.GrantedSeconds : 0;
            core.Metrics.CountKeepAlive();
            await stream.WriteAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A lease ends in under one second more than this.</summary>
    private static long WholeSeconds(TimeSpan remaining) =>
        Math.Max((long)Math.Ceiling(remaining.TotalSeconds) - 1, 0);

    /// <summary>Asks the leader, and again where that has changed, for as long as a request may take.</summary>
    private Task<LeaseTime> AskLeaderAsync(
        Func<LeaseKeeper, long, CancellationToken, Task<LeaseTime>> here,
        Func<ILeaseForwarder, NodeId, long, CancellationToken, Task<LeaseTime>> there,
        long leaseId, CancellationToken cancellationToken) => core.RunAsync(
        async (consensus, token) =>
        {
            while (true)
            {
                ConsensusStatus status = consensus.Status;
                try
                {
                    if (status.IsLeader)
                    {
                        return await here(keeper, leaseId, token).ConfigureAwait(false);
                    }

                    if (status.Leader != NodeId.None && forwarder is not null)
                    {
                        return await there(forwarder, status.Leader, leaseId, token).ConfigureAwait(false);
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
