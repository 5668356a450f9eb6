namespace Lepton.Raft.Hosting;

/// <summary>Why a proposal, a read or a change of membership has no result.</summary>
public enum ConsensusFailure
{
    /// <summary>No leader is known. Nothing was proposed; it can be tried again.</summary>
    NoLeader,

    /// <summary>The leader changed on the way. The proposal may or may not take effect.</summary>
    LeaderChanged,

    /// <summary>The caller's time was over first. The proposal may or may not take effect.</summary>
    Timeout,

    /// <summary>Too much is under way already. Nothing was proposed.</summary>
    Overloaded,

    /// <summary>So many disks are full that no majority can write. Nothing was proposed.</summary>
    DiskFull,

    /// <summary>The node is stopping, or has left the cluster. The proposal may or may not take effect.</summary>
    Stopped,

    /// <summary>Another change of membership is not yet done. Nothing was proposed.</summary>
    MembershipChangePending,

    /// <summary>The change of membership makes no sense as the membership is. Nothing was proposed.</summary>
    MembershipChangeInvalid,

    /// <summary>The learner lags too far behind the leader to vote. Nothing was proposed.</summary>
    LearnerNotReady,

    /// <summary>This can be asked of the leader alone, and this node is not it.</summary>
    NotLeader,

    /// <summary>
    /// The disk of this node, or of the leader, is full. Nothing was proposed; another node may take it, at once or as
    /// soon as it leads.
    /// </summary>
    MemberDiskFull,

    /// <summary>
    /// So few of those who would vote after the change of membership answer that nothing could be decided any more.
    /// Nothing was proposed.
    /// </summary>
    ClusterUnhealthy,
}
