using Lepton.Core;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// Sends a leader's snapshot to a follower. First it asks how much the follower has, so that a transfer that broke off
/// goes on where it was; then it sends the piece that the follower wants, when it wants it.
/// </summary>
internal sealed class SnapshotSending(NodeState node)
{
    public void Start(ReplicationProgress follower)
    {
        SnapshotMeta meta = node.Log.Snapshot;
        Invariant.Check(meta.Index > LogIndex.Zero);
        follower.Send(new SnapshotTransfer(meta, node.Now));
        Ask(follower);
    }

    public void OnReply(ReplicationProgress follower, RaftMessage.SnapshotChunkReply reply)
    {
        if (follower.Snapshot is not { } transfer || !transfer.IsOf(reply.SnapshotIndex, reply.SnapshotTerm))
        {
            return;
        }

        bool isRepeated = transfer.IsReading && transfer.Offset == reply.OffsetWanted;
        if (!isRepeated && reply.OffsetWanted < transfer.Meta.Bytes)
        {
            transfer.Offset = reply.OffsetWanted;
            transfer.IsReading = true;
            node.Outbox.Read(new SnapshotRead(
                follower.Id, transfer.Meta, transfer.Offset, node.Options.SnapshotChunkBytes));
        }
    }

    public void OnRead(ReplicationProgress follower, SnapshotRead request, ReadOnlyMemory<byte>? data)
    {
        if (follower.Snapshot is not { IsReading: true } transfer || transfer.Offset != request.Offset
            || !transfer.IsOf(request.Meta.Index, request.Meta.Term))
        {
            return;
        }

        transfer.IsReading = false;
        if (data is { Length: > 0 } piece)
        {
            bool isDone = request.Offset + piece.Length >= transfer.Meta.Bytes;
            Send(follower, transfer, piece, isDone);
        }
        else if (IsOutdated(transfer))
        {
            Start(follower);
        }
    }

    /// <summary>Asks again where an answer is long in coming; installing takes its time.</summary>
    public void Tick(ReplicationProgress follower)
    {
        if (follower.Snapshot is { IsReading: false } transfer
            && node.Now - transfer.SentAt >= node.Options.ElectionTicks)
        {
            if (IsOutdated(transfer))
            {
                Start(follower);
            }
            else
            {
                Ask(follower);
            }
        }
    }

    private bool IsOutdated(SnapshotTransfer transfer) =>
        !transfer.IsOf(node.Log.Snapshot.Index, node.Log.Snapshot.Term)
        || transfer.Meta.Bytes != node.Log.Snapshot.Bytes;

    private void Ask(ReplicationProgress follower) => Send(follower, follower.Snapshot!, default, isDone: false);

    private void Send(
        ReplicationProgress follower, SnapshotTransfer transfer, ReadOnlyMemory<byte> data, bool isDone)
    {
        transfer.SentAt = node.Now;
        node.Send(new RaftMessage.SnapshotChunk(
            node.Id, follower.Id, node.Term, transfer.Meta, transfer.Offset, data, isDone, follower.Epoch));
    }
}
