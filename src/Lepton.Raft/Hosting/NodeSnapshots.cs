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

    /// <summary>Entries were applied; takes a snapshot if it is time for one.</summary>
    public void Applied(long bytes, LogIndex index, Term term, ClusterMembership membership)
    {
        _bytesSinceLast += bytes;
        if (!_isJobRunning && _bytesSinceLast > Math.Max(options.SnapshotEveryBytesMin, log.Snapshot.Bytes))
        {
            _isJobRunning = true;
            _bytesAtJob = _bytesSinceLast;
            surroundings.RunSnapshotJob(new SnapshotJob(store, machine.CaptureSnapshot(), index, term, membership));
        }
    }

    /// <summary>A job has ended; where it wrote a snapshot, the log may forget what that holds.</summary>
    public void JobDone(SnapshotJob job)
    {
        _isJobRunning = false;
        // Counted anew even where it failed, as on a full disk: the next try comes when there is as much again.
        _bytesSinceLast -= _bytesAtJob;
        if (job.Written is { } meta && meta.Index > log.Snapshot.Index)
        {
            LogIndex keepFrom = new(Math.Max(0, meta.Index.Value - options.TrailingEntries));
            log.TakeSnapshot(meta, keepFrom);
        }
    }

    /// <summary>Reads pieces of own snapshots for followers.</summary>
    public void Serve(RaftCore core, IReadOnlyList<SnapshotRead> reads)
    {
        foreach (SnapshotRead read in reads)
        {
            if (!IsOf(_sent?.Meta, read.Meta))
            {
                _sent?.Dispose();
                _sent = store.TryOpen(read.Meta);
            }

            core.SnapshotChunkRead(read, _sent is null ? null : Piece(_sent, read.Offset, read.BytesMax));
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
                core.SnapshotChunkWritten(write.Meta, _received!.Offset);
            }
            catch (DiskFullException)
            {
                // Not answered: the leader asks again, and by then there may be room.
                continue;
            }
        }
    }

    /// <summary>Puts a received snapshot in the place of the state and of the log that it covers.</summary>
    /// <returns>Whether it was whole.</returns>
    public bool Install(RaftCore core, SnapshotMeta meta)
    {
        try
        {
            Invariant.Check(_received is not null && IsOf(_received.Meta, meta));
            _received.Complete();
            using SnapshotReader? reader = store.TryOpen(meta);
            Invariant.Check(reader is not null);
            using Stream data = reader.OpenData();
            machine.Restore(meta, data);
        }
        catch (Exception fault) when (fault is InvalidDataException or DiskFullException)
        {
            core.SnapshotRefused(meta);
            return false;
        }
        finally
        {
            _received?.Dispose();
            _received = null;
        }

        log.TakeSnapshot(meta, meta.Index);
        _bytesSinceLast = 0;
        core.SnapshotInstalled(meta);
        return true;
    }

    public void Dispose()
    {
        _sent?.Dispose();
        _received?.Dispose();
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
