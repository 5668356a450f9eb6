namespace Lepton.Raft.Membership;

/// <summary>
/// Who belongs to the cluster and who votes. Immutable. While <see cref="OutgoingVoters"/> is not empty, the cluster is
/// in joint consensus: decisions need a majority of both sets of voters (Raft paper §6).
/// </summary>
/// <param name="Members">All members, voters and learners, in ascending order of their ids.</param>
/// <param name="Voters">The voters, ascending.</param>
/// <param name="OutgoingVoters">The voters of the membership that is being left, ascending; empty otherwise.</param>
/// <param name="Learners">Members that receive the log and do not vote, ascending.</param>
public sealed record ClusterMembership(
    IReadOnlyList<Member> Members,
    IReadOnlyList<NodeId> Voters,
    IReadOnlyList<NodeId> OutgoingVoters,
    IReadOnlyList<NodeId> Learners)
{
    /// <summary>Nobody.</summary>
    public static ClusterMembership Empty { get; } = new([], [], [], []);

    /// <summary>Whether decisions need two majorities.</summary>
    public bool IsJoint => OutgoingVoters.Count > 0;
}
