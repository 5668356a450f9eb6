using Lepton.Core;
using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Hosting;

/// <summary>When a node takes a snapshot of its state, and how it sends and receives those of others.</summary>
internal sealed class NodeSnapshots(
    RaftNodeOptions options, SnapshotStore store, IRaftLog log, IStateMachine machine, INodeSurroundings surroundings)
    : IDisposable
{
    private long _bytesSinceLast;
    private long _bytesAtJob;
    private bool _isJobRunning;
    private SnapshotReader? _sent;
    private SnapshotReceiver? _received;
    private string? _ownFault;
    private string? _roomFault;
    private string? _refusal;

    /// <summary>
    /// Why the last snapshot was not taken, could not be sent, or was not kept or accepted; null where all is well.
    /// </summary>
    public string? Fault => _ownFault ?? _refusal ?? _roomFault;

    /// <summary>Entries were applied; takes a snapshot if it is time for one.</summary>
    public void Applied(long bytes, LogIndex index, Term term, ClusterMembership membership)
    {
        _bytesSinceLast += bytes;
        if (_bytesSinceLast > Math.Max(options.SnapshotEveryBytesMin, log.Snapshot.Bytes))
        {
            Take(index, term, membership);
        }
    }

    /// <summary>A job has ended; where it wrote a snapshot, the log may forget what that holds.</summary>
    public void JobDone(SnapshotJob job)
    {
        _isJobRunning = false;
        // Counted anew even where it failed, as on a full disk: the next try comes when there is as much again.
        _bytesSinceLast -= _bytesAtJob;
        _ownFault = job.Fault?.Message;

        // One of the same entry takes the place of a damaged one.
        if (job.Written is { } meta && meta.Index >= log.Snapshot.Index)
        {
            LogIndex keepFrom = new(Math.Max(0, meta.Index.Value - options.TrailingEntries));
            log.TakeSnapshot(meta, keepFrom);
        }
    }

    /// <summary>
    /// Reads pieces of own snapshots for followers. Where one turns out to be damaged, a new one is taken of the state,
    /// which stands as of the given entry.
    /// </summary>
    public void Serve(
        RaftCore core, IReadOnlyList<SnapshotRead> reads, LogIndex index, Term term, ClusterMembership membership)
    {
        foreach (SnapshotRead read in reads)
        {
            if (!IsOf(_sent?.Meta, read.Meta))
            {
                _sent?.Dispose();
                _sent = store.TryOpen(read.Meta);
            }

            byte[]? piece = null;
            try
            {
                piece = _sent is null ? null : Piece(_sent, read.Offset, read.BytesMax);
            }
            catch (InvalidDataException fault)
            {
                _ownFault = fault.Message;
                _sent!.Dispose();
                _sent = null;
                Take(index, term, membership);
            }

            core.SnapshotChunkRead(read, piece);
        }
    }

    /// <summary>Keeps pieces of the leader's snapshot.</summary>
    public void Receive(RaftCore core, IReadOnlyList<SnapshotWrite> writes)
    {
        foreach (SnapshotWrite write in writes)
        {
            try
            {
                if (!IsOf(_received?.Meta, write.Meta))
                {
                    _received?.Dispose();
                    _received = null;
                    _received = store.Receive(write.Meta);
                }

                _received!.Write(write.Offset, write.Data.Span);
                _roomFault = null;
                core.SnapshotChunkWritten(write.Meta, _received!.Offset);
            }
            catch (DiskFullException fault)
            {
                _roomFault = fault.Message;
                core.SnapshotChunkNotKept(write.Meta);
            }
        }
    }

    /// <summary>Puts a received snapshot in the place of the state and of the log that it covers.</summary>
    /// <returns>Whether it was whole, and the state accepted it.</returns>
    /// <exception cref="DiskFailedException">
    /// The state holds the snapshot and the disk could not be made to: the node must stop.
    /// </exception>
    public bool Install(RaftCore core, SnapshotMeta meta)
    {
        Invariant.Check(_received is not null && IsOf(_received.Meta, meta));
        using SnapshotReceiver received = _received;
        _received = null;
        try
        {
            // The state sees it before it counts as one of this node's snapshots: the node would start with one that
            // its state refuses again and again.
            received.Verify();
            using Stream data = received.OpenData();
            machine.Restore(meta, data);
        }
        catch (InvalidDataException fault)
        {
            _refusal = $"The leader's snapshot of entry {meta.Index} was refused, and is asked for again: " +
                fault.Message;
            received.Abandon();
            core.SnapshotRefused(meta);
            return false;
        }
        catch (DiskFullException fault)
        {
            _roomFault = fault.Message;
            core.SnapshotChunkNotKept(meta);
            return false;
        }

        received.Complete();
        log.TakeSnapshot(meta, meta.Index);
        _bytesSinceLast = 0;
        _refusal = null;
        core.SnapshotInstalled(meta);
        return true;
    }

    public void Dispose()
    {
        _sent?.Dispose();
        _received?.Dispose();
    }

    private void Take(LogIndex index, Term term, ClusterMembership membership)
    {
        if (!_isJobRunning)
        {
            _isJobRunning = true;
            _bytesAtJob = _bytesSinceLast;
            surroundings.RunSnapshotJob(new SnapshotJob(store, machine.CaptureSnapshot(), index, term, membership));
        }
    }

    private static bool IsOf(SnapshotMeta? there, SnapshotMeta wanted) =>
        there is not null && there.Index == wanted.Index && there.Term == wanted.Term;

    private static byte[] Piece(SnapshotReader snapshot, long offset, int bytesMax)
    {
        byte[] piece = new byte[Math.Clamp(snapshot.Meta.Bytes - offset, 0, bytesMax)];
        int read = snapshot.Read(offset, piece);
        return read == piece.Length ? piece : piece[..read];
    }
}
