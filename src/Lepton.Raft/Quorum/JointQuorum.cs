namespace Lepton.Raft.Quorum;

/// <summary>
/// Two sets of voters that must both agree (Raft paper §6); the outgoing one is empty outside of a change.
/// </summary>
internal static class JointQuorum
{
    /// <summary>The highest index that a majority of both sets has reached. Sorts both in their places.</summary>
    public static LogIndex CommittedIndex(Span<LogIndex> incoming, Span<LogIndex> outgoing)
    {
        LogIndex first = MajorityQuorum.CommittedIndex(incoming);
        LogIndex second = MajorityQuorum.CommittedIndex(outgoing);
        return first < second ? first : second;
    }

    /// <summary>How a ballot stands that stands so in each of the sets.</summary>
    public static VoteOutcome Combine(VoteOutcome incoming, VoteOutcome outgoing) =>
        incoming == VoteOutcome.Lost || outgoing == VoteOutcome.Lost ? VoteOutcome.Lost
        : incoming == VoteOutcome.Won && outgoing == VoteOutcome.Won ? VoteOutcome.Won
        : VoteOutcome.Open;
}
