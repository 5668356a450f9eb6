namespace Lepton.Raft.Membership;

/// <summary>A node with what others need to reach it. It stands in the membership itself, so that there is one list of
/// members and not a second one that could drift away from it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name; empty until it has started for the first time.</param>
/// <param name="PeerUrls">Where its peers reach it.</param>
public sealed record Member(NodeId Id, string Name, IReadOnlyList<string> PeerUrls)
{
    /// <summary>
    /// Whether it is to vote as soon as it has caught up. It learns until then, so that a cluster does not need the
    /// vote of a node that may not even run yet.
    /// </summary>
    public bool VotesWhenReady { get; init; }
}
