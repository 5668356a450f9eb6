using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;

namespace Lepton.Simulation.World;

/// <summary>
/// A simulated node as what keeps leases sees it. What waits goes on on the node's own thread, behind the turn; where
/// the node stops, it never does.
/// </summary>
internal sealed class SimulatedConsensus(SimulatedNode node) : IConsensus
{
    public ConsensusStatus Status => node.Status;

    public Task<object?> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken)
    {
        TaskCompletionSource<object?> answer = new();
        CallbackRequest<object?> request = RequestOf(answer);
        node.Do(raft => raft.Propose(command, request));
        return answer.Task;
    }

    public Task<LogIndex> ReadBarrierAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<LogIndex> answer = new();
        CallbackRequest<LogIndex> request = RequestOf(answer);
        node.Do(raft => raft.Read(request));
        return answer.Task;
    }

    public Task<ClusterMembership> ChangeMembershipAsync(
        MembershipChange change, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task TransferLeadershipAsync(NodeId successor, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    private CallbackRequest<T> RequestOf<T>(TaskCompletionSource<T> answer) => new(
        result => node.Afterwards(() => answer.SetResult(result)),
        failure => node.Afterwards(() => answer.SetException(new ConsensusException(failure, $"{failure}"))));
}
