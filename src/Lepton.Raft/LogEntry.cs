namespace Lepton.Raft;

/// <summary>One entry of the replicated log. Immutable; whoever makes one gives the bytes away.</summary>
/// <param name="Term">The term of the leader that made it.</param>
/// <param name="Index">Its place.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Data">The command, or the encoded membership; empty for a no-op.</param>
public sealed record LogEntry(Term Term, LogIndex Index, EntryKind Kind, ReadOnlyMemory<byte> Data);
