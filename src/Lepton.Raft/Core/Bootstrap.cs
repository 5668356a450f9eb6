using Lepton.Raft.Membership;

namespace Lepton.Raft.Core;

/// <summary>
/// How a cluster begins: each of its first members writes the same first entry, which says who they are, and the same
/// hard state, into its empty log before its core starts. A node that joins later begins with an empty log and has all
/// of it from the leader.
/// </summary>
public static class Bootstrap
{
    /// <summary>The hard state of a new cluster's members: the first entry is committed.</summary>
    public static HardState HardState { get; } = new(new Term(1), NodeId.None, new LogIndex(1));

    /// <summary>The first entry of a new cluster's log.</summary>
    /// <exception cref="ArgumentException">Nobody votes in it, or it is joint.</exception>
    public static LogEntry FirstEntry(ClusterMembership membership)
    {
        if (membership.Voters.Count == 0 || membership.IsJoint)
        {
            throw new ArgumentException(
                "A cluster begins with at least one voter and no change under way; this membership has " +
                $"{membership.Voters.Count} voters{(membership.IsJoint ? " and is joint" : "")}.", nameof(membership));
        }

        return new LogEntry(HardState.Term, HardState.Commit, EntryKind.Membership, MembershipCodec.Encode(membership));
    }
}
