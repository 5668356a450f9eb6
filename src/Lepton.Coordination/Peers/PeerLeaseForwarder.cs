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
    private int _failures;

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeaseTime>> KeepAliveAsync(
        NodeId leader, IReadOnlyList<long> leaseIds, CancellationToken cancellationToken) =>
        AskAsync(PeerMethods.LeaseKeepAlive, leader, leaseIds, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LeaseTime>> TimeToLiveAsync(
        NodeId leader, IReadOnlyList<long> leaseIds, CancellationToken cancellationToken) =>
        AskAsync(PeerMethods.LeaseTimeToLive, leader, leaseIds, cancellationToken);

    public void Dispose()
    {
        lock (_gate)
        {
            _leader?.Channel.Dispose();
            _leader = null;
        }
    }

    private async Task<IReadOnlyList<LeaseTime>> AskAsync(
        RpcMethod<PeerLeaseRequest, PeerLeaseResponse> method, NodeId leader, IReadOnlyList<long> leaseIds,
        CancellationToken cancellationToken)
    {
        RpcChannel channel = ChannelTo(leader);
        try
        {
            PeerLeaseRequest request = new() { ClusterId = self.ClusterId, Ids = { leaseIds } };
            PeerLeaseResponse response =
                await channel.UnaryAsync(method, request, null, cancellationToken).ConfigureAwait(false);
            if (response.Leases.Count != leaseIds.Count)
            {
                throw new RpcException(
                    StatusCode.Internal, $"it answered for {response.Leases.Count} of {leaseIds.Count} leases");
            }

            return [.. response.Leases.Select(static lease => lease.TtlMs < 0
                ? LeaseTime.NotFound
                : new LeaseTime(TimeSpan.FromMilliseconds(lease.TtlMs), lease.GrantedTtlS))];
        }
        catch (RpcException e)
        {
            // Whoever asks tries again: then at the leader's next address, where it has another.
            Interlocked.Increment(ref _failures);
            throw new ConsensusException(ConsensusFailure.NoLeader,
                $"The leader {leader} could not be asked about leases at {channel.Address}: {e.Detail}. Try again.");
        }
    }

    private RpcChannel ChannelTo(NodeId id)
    {
        Raft.Membership.Member? leader =
            consensus.Status.Membership.Members.FirstOrDefault(member => member.Id == id);
        if (leader is null || leader.PeerUrls.Count == 0)
        {
            throw new ConsensusException(
                ConsensusFailure.NoLeader, "No leader is known to ask about leases. Try again.");
        }

        lock (_gate)
        {
            string address = leader.PeerUrls[(int)((uint)Volatile.Read(ref _failures) % (uint)leader.PeerUrls.Count)];
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
