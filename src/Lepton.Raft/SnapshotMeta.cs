using Lepton.Raft.Membership;

namespace Lepton.Raft;

/// <summary>Which prefix of the log a snapshot stands for.</summary>
/// <param name="Index">The last entry that it holds.</param>
/// <param name="Term">That entry's term.</param>
/// <param name="Membership">The membership as of that entry.</param>
/// <param name="Bytes">The size of its data, in bytes.</param>
public sealed record SnapshotMeta(LogIndex Index, Term Term, ClusterMembership Membership, long Bytes)
{
    /// <summary>No snapshot: an empty prefix.</summary>
    public static SnapshotMeta None { get; } = new(LogIndex.Zero, Term.Zero, ClusterMembership.Empty, 0);
}
