using Lepton.Raft.Membership;

namespace Lepton.Raft.Hosting;

/// <summary>A running node of the cluster, as the services above it use it. Thread safe.</summary>
public interface IConsensus
{
    /// <summary>How the node stands; cheap, and as of the last step of its thread.</summary>
    ConsensusStatus Status { get; }

    /// <summary>
    /// Has a command agreed on, by way of the leader, and applied here.
    /// </summary>
    /// <returns>What <see cref="IStateMachine.Apply"/> of this node returned for it.</returns>
    /// <exception cref="ConsensusException">There is no result; the reason says whether it may still take
    /// effect.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it may still take effect.</exception>
    Task<object?> ProposeAsync(ReadOnlyMemory<byte> command, CancellationToken cancellationToken);

    /// <summary>
    /// Returns once this node's state holds all that was committed, anywhere, before the call (ReadIndex, Raft thesis
    /// §6.4). Calls at the same time share one round.
    /// </summary>
    /// <returns>The index that has been applied at least.</returns>
    /// <exception cref="ConsensusException">It could not be confirmed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    Task<LogIndex> ReadBarrierAsync(CancellationToken cancellationToken);

    /// <summary>Has a change of membership agreed on, and returns when the new membership is committed.</summary>
    /// <exception cref="ConsensusException">It was refused, or its outcome is not known.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it may still take effect.</exception>
    Task<ClusterMembership> ChangeMembershipAsync(MembershipChange change, CancellationToken cancellationToken);

    /// <summary>Has another voter lead, and returns when it does.</summary>
    /// <exception cref="ConsensusException">This node does not lead, or the other one did not take over.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; it may still happen.</exception>
    Task TransferLeadershipAsync(NodeId successor, CancellationToken cancellationToken);
}
