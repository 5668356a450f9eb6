namespace Lepton.Raft.Core;

/// <summary>What a node is in its term.</summary>
public enum RaftRole
{
    /// <summary>It takes the log from a leader, or waits for one.</summary>
    Follower,

    /// <summary>It asks whether it would be elected, without changing its term.</summary>
    PreCandidate,

    /// <summary>It asks for votes.</summary>
    Candidate,

    /// <summary>It leads.</summary>
    Leader,
}
