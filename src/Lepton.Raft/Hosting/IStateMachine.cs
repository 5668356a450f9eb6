using Lepton.Raft.Membership;

namespace Lepton.Raft.Hosting;

/// <summary>
/// What the log's commands change. All members are called by the one thread that owns the node, in the order of the
/// log; what they do follows from the commands alone. Others may read the state meanwhile, by its own rules.
/// </summary>
public interface IStateMachine
{
    /// <summary>Applies a committed command.</summary>
    /// <returns>What the proposer gets, where it is this node's; never an exception for what a caller did
    /// wrong.</returns>
    object? Apply(LogIndex index, Term term, ReadOnlyMemory<byte> command);

    /// <summary>A membership was committed; it is in force in the core already.</summary>
    void MembershipCommitted(LogIndex index, ClusterMembership membership);

    /// <summary>All that is committed so far has been applied: watchers can be told, readers may go on.</summary>
    void BatchApplied(LogIndex lastApplied);

    /// <summary>
    /// Fixes the state as it is now, in a time that does not grow with it. Its <see cref="IStateSnapshot.WriteTo"/>
    /// runs on another thread, while commands go on.
    /// </summary>
    IStateSnapshot CaptureSnapshot();

    /// <summary>Replaces the whole state by a snapshot's.</summary>
    /// <exception cref="InvalidDataException">The data is no such snapshot; the state is unchanged.</exception>
    void Restore(SnapshotMeta meta, Stream data);
}
