using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;

namespace Lepton.Simulation.World;

/// <summary>A node's state, with all that is applied to it told to the truth.</summary>
internal sealed class ObservedMachine(IStateMachine state, NodeId node, ClusterTruth truth) : IStateMachine
{
    public object? Apply(LogIndex index, Term term, ReadOnlyMemory<byte> command)
    {
        truth.Applies(node, index, term, command.Span);
        return state.Apply(index, term, command);
    }

    public void MembershipCommitted(LogIndex index, ClusterMembership membership) =>
        state.MembershipCommitted(index, membership);

    public void BatchApplied(LogIndex lastApplied) => state.BatchApplied(lastApplied);

    public IStateSnapshot CaptureSnapshot() => state.CaptureSnapshot();

    public void Restore(SnapshotMeta meta, Stream data) => state.Restore(meta, data);
}
