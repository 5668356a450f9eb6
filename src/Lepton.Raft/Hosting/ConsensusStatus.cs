using Lepton.Raft.Membership;

namespace Lepton.Raft.Hosting;

/// <summary>How a node stands, at one moment.</summary>
/// <param name="Id">This node.</param>
/// <param name="Leader">The leader that it knows, or <see cref="NodeId.None"/>.</param>
/// <param name="Term">Its term.</param>
/// <param name="Commit">The highest index that it knows to be committed.</param>
/// <param name="Applied">The highest index that its state machine has applied.</param>
/// <param name="Membership">The membership in force.</param>
public sealed record ConsensusStatus(
    NodeId Id, NodeId Leader, Term Term, LogIndex Commit, LogIndex Applied, ClusterMembership Membership)
{
    /// <summary>The membership that was agreed on as of <see cref="Applied"/>.</summary>
    public ClusterMembership AppliedMembership { get; init; } = ClusterMembership.Empty;

    /// <summary>Whether its disk is full: it takes no entries until there is room again.</summary>
    public bool IsDiskFull { get; init; }

    /// <summary>
    /// Whether it lost entries or promises that are not made good yet: it neither votes nor leads until they are.
    /// </summary>
    public bool IsDamaged { get; init; }

    /// <summary>
    /// Why its last snapshot was not taken, could not be sent, or was not kept or accepted; null where all is well.
    /// </summary>
    public string? SnapshotFault { get; init; }

    /// <summary>Whether this node leads.</summary>
    public bool IsLeader => Leader == Id && Id != NodeId.None;
}
