namespace Lepton.Raft.Core;

/// <summary>A read is linearizable once the state machine has applied <paramref name="Index"/>.</summary>
/// <param name="Context">The number that was given to <see cref="RaftCore.ReadIndex"/>.</param>
/// <param name="Index">The index to wait for.</param>
public readonly record struct ConfirmedRead(ulong Context, LogIndex Index);
