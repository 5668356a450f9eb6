namespace Lepton.Raft.Hosting;

/// <summary>What is said of failures that need no more words than their reason.</summary>
internal static class FailureText
{
    public static string Of(ConsensusFailure failure) => failure switch
    {
        ConsensusFailure.NoLeader =>
            "No leader is known: fewer than a majority of the voters can be reached, or an election is under way. " +
            "Nothing was proposed; try again.",
        ConsensusFailure.LeaderChanged =>
            "The leader changed on the way: this may or may not take effect. Read before trying again.",
        ConsensusFailure.Timeout =>
            "No answer in time from a majority of the voters. Look which members are down.",
        ConsensusFailure.Overloaded => "The leader has more proposals than it can carry out. Send fewer at a time.",
        ConsensusFailure.DiskFull =>
            "The disks of so many voters are full that nothing can be written. Make room; reads go on.",
        ConsensusFailure.Stopped => "The node is stopping, or has left the cluster. Ask another one.",
        ConsensusFailure.MembershipChangePending =>
            "Another change of membership is under way, or the leader has only just been elected. Try again.",
        ConsensusFailure.MembershipChangeInvalid =>
            "The membership does not allow this change. List the members first.",
        ConsensusFailure.LearnerNotReady =>
            "The learner lags too far behind the leader. Wait until it has caught up, then promote it.",
        ConsensusFailure.NotLeader => "This node does not lead. Ask the leader.",
        ConsensusFailure.MemberDiskFull =>
            "The disk of this node, or of the leader, is full. Nothing was proposed; ask another node, and make room.",
        ConsensusFailure.ClusterUnhealthy =>
            "So few of the members that would vote after this change answer that nothing could be written any more. " +
            "Nothing was changed: start those that are down, or remove those first.",
        ConsensusFailure.MemberIdMissing =>
            "The id of the member to add is 0, which is nobody. Nothing was changed; give it an id above 0.",
        ConsensusFailure.MemberExists =>
            "There is a member with this id already. Nothing was changed; list the members, then update that one or " +
            "give another id.",
        ConsensusFailure.PeerUrlTaken =>
            "Another member has one of these peer addresses. Nothing was changed; list the members, then give others.",
        ConsensusFailure.MemberUnknown =>
            "There is no member with this id. Nothing was changed; list the members for their ids.",
        ConsensusFailure.MemberNotLearner =>
            "The member votes already, and only a learner can be promoted. Nothing was changed.",
        ConsensusFailure.LastVoter =>
            "The member is the only one that votes, and nobody would be left to. Nothing was changed; let another " +
            "one vote first.",
        _ => failure.ToString(),
    };
}
