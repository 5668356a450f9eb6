namespace Lepton.Raft.Core;

/// <summary>A read could not be confirmed. It can be asked for again.</summary>
/// <param name="Context">The number that was given to <see cref="RaftCore.ReadIndex"/>.</param>
/// <param name="Failure">Why.</param>
public readonly record struct FailedRead(ulong Context, ConsensusFailure Failure);
