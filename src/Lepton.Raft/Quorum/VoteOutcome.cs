namespace Lepton.Raft.Quorum;

/// <summary>How a ballot stands.</summary>
internal enum VoteOutcome
{
    /// <summary>It can still go either way.</summary>
    Open,

    /// <summary>A quorum agreed.</summary>
    Won,

    /// <summary>No quorum can agree any more.</summary>
    Lost,
}
