namespace Lepton.Raft;

/// <summary>
/// Why a proposal, a read or a change of membership has no result. The numbers are part of the format on the wire,
/// where 0 is none; a number that a node does not know is <see cref="LeaderChanged"/> to it, which promises nothing.
/// </summary>
public enum ConsensusFailure : byte
{
    /// <summary>No leader is known. Nothing was proposed; it can be tried again.</summary>
    NoLeader = 1,

    /// <summary>The leader changed on the way. The proposal may or may not take effect.</summary>
    LeaderChanged = 2,

    /// <summary>The caller's time was over first. The proposal may or may not take effect.</summary>
    Timeout = 3,

    /// <summary>Too much is under way already. Nothing was proposed.</summary>
    Overloaded = 4,

    /// <summary>So many disks are full that no majority can write. Nothing was proposed.</summary>
    DiskFull = 5,

    /// <summary>The node is stopping, or has left the cluster. The proposal may or may not take effect.</summary>
    Stopped = 6,

    /// <summary>Another change of membership is not yet done. Nothing was proposed.</summary>
    MembershipChangePending = 7,

    /// <summary>The change of membership makes no sense as the membership is. Nothing was proposed.</summary>
    MembershipChangeInvalid = 8,

    /// <summary>The learner lags too far behind the leader to vote. Nothing was proposed.</summary>
    LearnerNotReady = 9,

    /// <summary>This can be asked of the leader alone, and this node is not it.</summary>
    NotLeader = 10,

    /// <summary>
    /// The disk of this node, or of the leader, is full. Nothing was proposed; another node may take it, at once or as
    /// soon as it leads.
    /// </summary>
    MemberDiskFull = 11,

    /// <summary>
    /// So few of those who would vote after the change of membership answer that nothing could be decided any more.
    /// Nothing was proposed.
    /// </summary>
    ClusterUnhealthy = 12,

    /// <summary>The member to add has the id 0, which is nobody. Nothing was proposed.</summary>
    MemberIdMissing = 13,

    /// <summary>There is a member with this id already. Nothing was proposed.</summary>
    MemberExists = 14,

    /// <summary>Another member has one of the addresses. Nothing was proposed.</summary>
    PeerUrlTaken = 15,

    /// <summary>There is no member with this id. Nothing was proposed.</summary>
    MemberUnknown = 16,

    /// <summary>The member to promote votes already. Nothing was proposed.</summary>
    MemberNotLearner = 17,

    /// <summary>Nobody would be left to vote. Nothing was proposed.</summary>
    LastVoter = 18,
}
