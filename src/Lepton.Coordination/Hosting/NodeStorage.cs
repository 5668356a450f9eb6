using Lepton.Coordination.State;
using Lepton.Raft;
using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Coordination.Hosting;

/// <summary>What a node has on its disk, opened: its snapshots, its log, and its state as of the newest
/// snapshot.</summary>
internal sealed class NodeStorage : IDisposable
{
    private readonly FileDisk _disk;

    private NodeStorage(FileDisk disk, SnapshotStore snapshots, SegmentedLog log) =>
        (_disk, Snapshots, Log) = (disk, snapshots, log);

    public SnapshotStore Snapshots { get; }

    public SegmentedLog Log { get; }

    /// <summary>Opens a directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="identity">Whose it is.</param>
    /// <param name="state">Gets the newest snapshot.</param>
    /// <param name="newCluster">The membership of a cluster that begins now, to be written into an empty log; null
    /// where the
    /// member joins.</param>
    /// <exception cref="DataDirectoryException">It is another's, or of a newer format.</exception>
    public static NodeStorage Open(
        string directory, LogIdentity identity, CoordinationState state, ClusterMembership? newCluster)
    {
        FileDisk disk = FileDisk.OpenDirectory(Path.Combine(directory, "raft"));
        try
        {
            SnapshotStore snapshots = SnapshotStore.Open(disk, identity);
            SnapshotMeta latest = snapshots.Latest;
            using (Raft.Log.SnapshotReader? reader = snapshots.TryOpen(latest))
            {
                if (reader is not null)
                {
                    using Stream data = reader.OpenData();
                    state.Restore(latest, data);
                }
            }

            SegmentedLog log = SegmentedLog.Open(disk, identity, latest);
            if (newCluster is not null && log.LastIndex == LogIndex.Zero && log.Damage is null)
            {
                log.Append([Bootstrap.FirstEntry(newCluster)], Bootstrap.HardState);
                log.Sync();
            }

            return new NodeStorage(disk, snapshots, log);
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    /// <summary>Makes the storage of a cluster's first member that begins with a state.</summary>
    /// <param name="directory">The data directory, without a log.</param>
    /// <param name="identity">Whose it is.</param>
    /// <param name="membership">The cluster's members.</param>
    /// <param name="writeState">Writes the state, as of <see cref="Bootstrap"/>'s index.</param>
    /// <exception cref="IOException">The disk is full, or can't be written.</exception>
    public static void Create(
        string directory, LogIdentity identity, ClusterMembership membership, Action<Stream> writeState)
    {
        // In place of the first entry, which would say who the members are, there is a snapshot that says it.
        using FileDisk disk = FileDisk.OpenDirectory(Path.Combine(directory, "raft"));
        SnapshotStore snapshots = SnapshotStore.Open(disk, identity);
        using SnapshotOutputStream writer =
            snapshots.Create(Bootstrap.HardState.Commit, Bootstrap.HardState.Term, membership);
        writeState(writer);
        SegmentedLog.Create(disk, identity, writer.Complete(), Bootstrap.HardState).Dispose();
    }

    public void Dispose()
    {
        Log.Dispose();
        _disk.Dispose();
    }
}
