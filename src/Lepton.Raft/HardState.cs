namespace Lepton.Raft;

/// <summary>What a node must never forget (Raft paper, figure 2: persistent state).</summary>
/// <param name="Term">The latest term that the node has seen.</param>
/// <param name="Vote">Whom it voted for in that term, or <see cref="NodeId.None"/>.</param>
/// <param name="Commit">The highest index known to be committed. May lag behind after a crash.</param>
public readonly record struct HardState(Term Term, NodeId Vote, LogIndex Commit);
