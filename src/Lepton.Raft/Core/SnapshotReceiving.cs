using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>Takes a leader's snapshot piece by piece. The host keeps the pieces and knows how far it is.</summary>
internal sealed class SnapshotReceiving(NodeState node)
{
    private SnapshotMeta? _meta;
    private NodeId _leader;
    private bool _isWriting;

    /// <summary>Whether the host puts a snapshot in the place of log and state.</summary>
    public bool IsInstalling { get; private set; }

    /// <summary>The epoch of the leader's latest piece, by which to confirm what it brought.</summary>
    public long Epoch { get; private set; }

    /// <summary>
    /// A piece has come; true where there is no need for it, since the log holds what the snapshot does.
    /// </summary>
    public bool OnChunk(RaftMessage.SnapshotChunk chunk)
    {
        if (IsInstalling || node.IsDiskFull)
        {
            return false;
        }

        if (IsHeld(chunk.Meta))
        {
            return true;
        }

        bool isSame = _meta is { } meta && IsSame(meta, chunk.Meta);
        if (_isWriting && isSame)
        {
            return false;
        }

        _meta = chunk.Meta;
        _leader = chunk.From;
        Epoch = chunk.Epoch;
        _isWriting = true;
        node.Outbox.Write(new SnapshotWrite(chunk.Meta, chunk.Offset, chunk.Data));
        return false;
    }

    /// <summary>
    /// The host has dealt with a piece; true where there is no need for more, since the log has meanwhile come to hold
    /// what the snapshot does. To install it all the same would forget what is behind it, and was confirmed.
    /// </summary>
    public bool OnWritten(SnapshotMeta meta, long offsetWanted)
    {
        if (IsInstalling || _meta is not { } current || !IsSame(current, meta))
        {
            return false;
        }

        _isWriting = false;
        if (IsHeld(meta))
        {
            _meta = null;
            return true;
        }

        if (offsetWanted < meta.Bytes)
        {
            Want(meta, offsetWanted);
        }
        else
        {
            IsInstalling = true;
            node.Outbox.Install = current;
        }

        return false;
    }

    /// <summary>
    /// The host could not keep a piece, or the whole: the next piece, or the next question, is for it again.
    /// </summary>
    public void OnNotKept(SnapshotMeta meta)
    {
        if (_meta is { } current && IsSame(current, meta))
        {
            IsInstalling = false;
            _isWriting = false;
        }
    }

    /// <summary>The host has installed it.</summary>
    public void OnInstalled(SnapshotMeta meta)
    {
        IsInstalling = false;
        _meta = null;
        node.Log.Restart(meta.Index);
        node.Memberships.Restart(meta.Index, meta.Membership);
        node.Repair.OnDurable();
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

    private bool IsHeld(SnapshotMeta meta)
    {
        if (node.Log.TermOf(meta.Index) == meta.Term)
        {
            node.CommitTo(meta.Index);
        }

        return meta.Index <= node.Log.Commit;
    }

    private static bool IsSame(SnapshotMeta left, SnapshotMeta right) =>
        left.Index == right.Index && left.Term == right.Term && left.Bytes == right.Bytes;
}
