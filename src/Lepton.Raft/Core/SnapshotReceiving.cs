using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>Takes a leader's snapshot piece by piece. The host keeps the pieces and knows how far it is.</summary>
internal sealed class SnapshotReceiving(NodeState node)
{
    private SnapshotMeta? _meta;
    private NodeId _leader;
    private long _epoch;
    private bool _isWriting;

    /// <summary>Whether the host puts a snapshot in the place of log and state.</summary>
    public bool IsInstalling { get; private set; }

    /// <summary>
    /// A piece has come; true where there is no need for it, since the log holds what the snapshot does.
    /// </summary>
    public bool OnChunk(RaftMessage.SnapshotChunk chunk)
    {
        if (IsInstalling || node.IsDiskFull)
        {
            return false;
        }

        if (chunk.Meta.Index <= node.Log.Commit)
        {
            return true;
        }

        if (node.Log.TermOf(chunk.Meta.Index) == chunk.Meta.Term)
        {
            node.CommitTo(chunk.Meta.Index);
            return true;
        }

        bool isSame = _meta is { } meta && IsSame(meta, chunk.Meta);
        if (_isWriting && isSame)
        {
            return false;
        }

        _meta = chunk.Meta;
        _leader = chunk.From;
        _epoch = chunk.Epoch;
        _isWriting = true;
        node.Outbox.Write(new SnapshotWrite(chunk.From, chunk.Meta, chunk.Offset, chunk.Data, chunk.IsDone));
        return false;
    }

    public void OnWritten(SnapshotMeta meta, long offsetWanted)
    {
        if (IsInstalling || _meta is not { } current || !IsSame(current, meta))
        {
            return;
        }

        _isWriting = false;
        if (offsetWanted < meta.Bytes)
        {
            Want(meta, offsetWanted);
        }
        else if (meta.Index > node.Log.Commit)
        {
            IsInstalling = true;
            node.Outbox.Install = current;
        }
    }

    /// <summary>The host has installed it; returns the epoch of the leader's message, by which to confirm it.</summary>
    public long OnInstalled(SnapshotMeta meta)
    {
        IsInstalling = false;
        _meta = null;
        node.Log.Restart(meta.Index);
        node.Memberships.Restart(meta.Index, meta.Membership);
        node.Repair.OnDurable();
        return _epoch;
    }

    public void OnRefused(SnapshotMeta meta)
    {
        IsInstalling = false;
        _isWriting = false;
        Want(meta, 0);
    }

    private void Want(SnapshotMeta meta, long offset)
    {
        if (node.Leader == _leader)
        {
            node.Send(new RaftMessage.SnapshotChunkReply(
                node.Id, _leader, node.Term, meta.Index, meta.Term, offset));
        }
    }

    private static bool IsSame(SnapshotMeta left, SnapshotMeta right) =>
        left.Index == right.Index && left.Term == right.Term && left.Bytes == right.Bytes;
}
