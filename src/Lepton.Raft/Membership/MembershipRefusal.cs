namespace Lepton.Raft.Membership;

/// <summary>Why a change of membership makes no sense as the membership is.</summary>
public enum MembershipRefusal
{
    /// <summary>The membership is still joint: another change is not yet done.</summary>
    ChangePending,

    /// <summary>The id is 0, which is nobody.</summary>
    IdMissing,

    /// <summary>There is a member with this id already.</summary>
    MemberExists,

    /// <summary>Another member has one of the addresses.</summary>
    PeerUrlTaken,

    /// <summary>There is no member with this id.</summary>
    MemberUnknown,

    /// <summary>The member votes already.</summary>
    NotLearner,

    /// <summary>Nobody would be left to vote.</summary>
    LastVoter,
}
