namespace Lepton.Raft.Core;

/// <summary>
/// Asks the host to keep a received piece of a snapshot. It answers, at once or later, with
/// <see cref="RaftCore.SnapshotChunkWritten"/> and the offset that it wants next. A piece without data asks how much of
/// this snapshot the host holds already; one that does not begin where the host's part ends is to be left out.
/// </summary>
/// <param name="Meta">Which snapshot. The part of another one that the host may hold can go.</param>
/// <param name="Offset">Where the piece begins, in bytes.</param>
/// <param name="Data">The bytes.</param>
public readonly record struct SnapshotWrite(SnapshotMeta Meta, long Offset, ReadOnlyMemory<byte> Data);
