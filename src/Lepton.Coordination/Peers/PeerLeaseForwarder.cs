using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Peers;

/// <summary>Asks the leader about leases over its peer address. Thread safe.</summary>
internal sealed class PeerLeaseForwarder(PeerIdentity self, IConsensus consensus, RpcChannelOptions options)
    : ILeaseForwarder, IDisposable
{
    private readonly Lock _gate = new();
    private (string Address, RpcChannel Channel)? _leader;

    /// <inheritdoc/>
    public Task<LeaseTime> KeepAliveAsync(NodeId leader, long leaseId, CancellationToken cancellationToken) =>
        AskAsync(PeerMethods.LeaseKeepAlive, leader, leaseId, cancellationToken);

    /// <inheritdoc/>
    public Task<LeaseTime> TimeToLiveAsync(NodeId leader, long leaseId, CancellationToken cancellationToken) =>
        AskAsync(PeerMethods.LeaseTimeToLive, leader, leaseId, cancellationToken);

    public void Dispose()
    {
        lock (_gate)
        {
            _leader?.Channel.Dispose();
            _leader = null;
        }
    }

    private async Task<LeaseTime> AskAsync(
        RpcMethod<PeerLeaseRequest, PeerLeaseResponse> method, NodeId leader, long leaseId,
        CancellationToken cancellationToken)
    {
        RpcChannel channel = ChannelTo(leader);
        try
        {
            PeerLeaseRequest request = new() { ClusterId = self.ClusterId, Ids = { leaseId } };
            PeerLeaseResponse response =
                await channel.UnaryAsync(method, request, null, cancellationToken).ConfigureAwait(false);
            PeerLease lease = response.Leases.Single();
            return lease.TtlMs < 0
                ? LeaseTime.NotFound
                : new LeaseTime(TimeSpan.FromMilliseconds(lease.TtlMs), lease.GrantedTtlS);
        }
        catch (RpcException e)
        {
            throw new ConsensusException(ConsensusFailure.NoLeader,
                $"The leader could not be asked about lease {leaseId:x}: {e.Detail}. Try again.");
        }
    }

    private RpcChannel ChannelTo(NodeId id)
    {
        Raft.Membership.Member? leader =
            consensus.Status.Membership.Members.FirstOrDefault(member => member.Id == id);
        if (leader is null || leader.PeerUrls.Count == 0)
        {
            throw new ConsensusException(ConsensusFailure.NoLeader, "No leader is known to ask about leases. Try " +
                "again.");
        }

        lock (_gate)
        {
            string address = leader.PeerUrls[0];
            if (_leader is { } known && known.Address == address)
            {
                return known.Channel;
            }

            // Calls that go on over the old channel fail with it: their leader leads no more.
            _leader?.Channel.Dispose();
            _leader = (address, new RpcChannel(new Uri(address), options));
            return _leader.Value.Channel;
        }
    }
}
