using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Hosting;

/// <summary>When a node takes a snapshot of its state, and how it sends and receives those of others.</summary>
internal sealed class NodeSnapshots(
    RaftNodeOptions options, SnapshotStore store, IRaftLog log, IStateMachine machine, INodeSurroundings surroundings)
{
    private long _bytesSinceLast;
    private long _bytesAtJob;
    private bool _isJobRunning;

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
            store.Keep(meta);
        }
    }

    public void Serve(RaftCore core, IReadOnlyList<SnapshotRead> reads)
    {
        foreach (SnapshotRead read in reads)
        {
            core.SnapshotChunkRead(read, store.ReadChunk(read.Meta, read.Offset, read.BytesMax));
        }
    }

    public void Receive(RaftCore core, IReadOnlyList<SnapshotWrite> writes)
    {
        foreach (SnapshotWrite write in writes)
        {
            try
            {
                core.SnapshotChunkWritten(write.Meta, store.Receive(write.Meta, write.Offset, write.Data, write.IsDone));
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
            store.FinishReceived(meta);
            using Stream data = store.OpenRead(meta);
            machine.Restore(meta, data);
        }
        catch (InvalidDataException)
        {
            core.SnapshotRefused(meta);
            return false;
        }

        log.TakeSnapshot(meta, meta.Index);
        store.Keep(meta);
        _bytesSinceLast = 0;
        core.SnapshotInstalled(meta);
        return true;
    }
}
