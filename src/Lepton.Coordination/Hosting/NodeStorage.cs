using Lepton.Coordination.State;
using Lepton.Raft;
using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Coordination.Hosting;

/// <summary>
/// What a node has on its disk, opened: its snapshots, its log, and its state as of the newest snapshot.
/// </summary>
internal sealed class NodeStorage : IDisposable
{
    private readonly FileDisk _disk;

    private NodeStorage(FileDisk disk, SnapshotStore snapshots, SegmentedLog log) =>
        (_disk, Snapshots, Log) = (disk, snapshots, log);

    public SnapshotStore Snapshots { get; }

    public SegmentedLog Log { get; }

    /// <summary>Where log and snapshots are in a data directory.</summary>
    public static string PathIn(string directory) => Path.Combine(directory, "raft");

    /// <summary>Opens a directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="identity">Whose it is.</param>
    /// <param name="state">Gets the newest snapshot.</param>
    /// <param name="newCluster">
    /// The membership of a cluster that begins now, to be written into an empty log; null where the member joins.
    /// </param>
    /// <param name="hadLog">Whether there has been a log before.</param>
    /// <exception cref="DataDirectoryException">
    /// It is another's, or of a newer format, or has lost its log.
    /// </exception>
    public static NodeStorage Open(
        string directory, LogIdentity identity, CoordinationState state, ClusterMembership? newCluster, bool hadLog)
    {
        FileDisk disk = FileDisk.OpenDirectory(PathIn(directory));
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
            if (log.IsEmpty && (hadLog || latest.Index > LogIndex.Zero))
            {
                log.Dispose();
                throw Lost(disk.Path, latest.Index);
            }

            if (newCluster is not null && log.LastIndex == LogIndex.Zero && log.Damage is null)
            {
                log.Append([Bootstrap.FirstEntry(newCluster)], Bootstrap.HardState);
                log.Sync();
            }

            if (log.IsEmpty)
            {
                // A member that joins has nothing yet, and must not seem to have nothing later, when it has lost it.
                log.Append([], Bootstrap.HardState with { Commit = LogIndex.Zero });
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
        using FileDisk disk = FileDisk.OpenDirectory(PathIn(directory));
        SnapshotStore snapshots = SnapshotStore.Open(disk, identity);
        using SnapshotOutputStream writer =
            snapshots.Create(Bootstrap.HardState.Commit, Bootstrap.HardState.Term, membership);
        writeState(writer);
        SegmentedLog.Create(disk, identity, writer.Complete(), Bootstrap.HardState).Dispose();
    }

    /// <summary>
    /// A member whose log is gone has forgotten its votes and entries that others count on: going on from a snapshot,
    /// or from nothing, could lose what was acknowledged. A restored member has a log from the first.
    /// </summary>
    private static DataDirectoryException Lost(string path, LogIndex snapshot) => new(
        $"{path} holds no log, and this member has had one: " + (snapshot > LogIndex.Zero
            ? $"there is a snapshot as of entry {snapshot}. "
            : "it has run before. ") +
        "Without it the member has forgotten its votes and what it confirmed to the others, so it must not go on. " +
        "Put the log's files back; or remove the member from the cluster, empty its data directory, and add it anew. " +
        "Nothing was changed.");

    public void Dispose()
    {
        Log.Dispose();
        _disk.Dispose();
    }
}
