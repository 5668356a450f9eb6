namespace Lepton.Raft.Core;

/// <summary>
/// Asks the host for a piece of a snapshot of its own. It answers, at once or later, with
/// <see cref="RaftCore.SnapshotChunkRead"/>.
/// </summary>
/// <param name="Follower">For whom; to be handed back.</param>
/// <param name="Meta">Which snapshot.</param>
/// <param name="Offset">Where the piece begins, in bytes.</param>
/// <param name="BytesMax">How much to read at most; fewer only at the end of the data.</param>
public readonly record struct SnapshotRead(NodeId Follower, SnapshotMeta Meta, long Offset, int BytesMax);
