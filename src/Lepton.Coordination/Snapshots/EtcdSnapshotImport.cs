using Lepton.Coordination.Hosting;
using Lepton.Coordination.State;
using Lepton.Core.Durability;
using Lepton.Core.Hashing;
using Lepton.Raft;
using Lepton.Raft.Core;
using Lepton.Raft.Disk;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;

namespace Lepton.Coordination.Snapshots;

/// <summary>
/// Begins a cluster with a snapshot, of ours or of etcd's: makes the data directory of one member. Each member of the
/// new cluster is made from the same file, with the same members and the same token, and then started. Revisions go on
/// from the old cluster's.
/// </summary>
/// <remarks>
/// The new cluster's id depends on the snapshot too, so that members which were restored from different files, or not
/// restored at all, or are left over from the old cluster, refuse each other instead of disagreeing.
/// </remarks>
public static class EtcdSnapshotImport
{
    private const string UnfinishedSuffix = ".restoring";

    /// <summary>Reads and checks a snapshot.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="needsChecksum">Whether a file without a checksum is refused; a wrong one always is.</param>
    /// <exception cref="IOException">There is no such file, or it can't be read.</exception>
    /// <exception cref="InvalidDataException">It is damaged, cut off, or no snapshot.</exception>
    public static EtcdSnapshotStatus ReadStatus(string file, bool needsChecksum = true)
    {
        using EtcdSnapshotFile snapshot = EtcdSnapshotFile.Open(file, needsChecksum);
        return snapshot.Status();
    }

    /// <summary>Makes a member's data directory, all of it or nothing.</summary>
    /// <param name="file">The snapshot.</param>
    /// <param name="options">Who the member is: name, data directory, peer URLs, initial cluster and token
    /// count.</param>
    /// <param name="needsChecksum">Whether a file without a checksum is refused; a wrong one always is.</param>
    /// <param name="cancellationToken">Ends it while the state is written; nothing is left then.</param>
    /// <exception cref="ArgumentException">Options are wrong; the message lists all that are.</exception>
    /// <exception cref="DataDirectoryException">The data directory is not empty.</exception>
    /// <exception cref="IOException">The file can't be read, or the directory not be written.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, cut off, or no snapshot.</exception>
    public static RestoredMember Restore(
        string file, CoordinatorOptions options, bool needsChecksum = true,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        CoordinatorSettings settings = CoordinatorSettings.Resolve(options, "The member can't be restored.");
        string directory = settings.DataDir;
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any())
        {
            throw new DataDirectoryException(
                $"{directory} is not empty. A member is restored into a new data directory: give another --data-dir, " +
                "or move what is there away.");
        }

        using EtcdSnapshotFile snapshot = EtcdSnapshotFile.Open(file, needsChecksum);
        EtcdSnapshotReader reader = new(snapshot.Database, file);
        using StateSnapshot state = reader.Read(Bootstrap.HardState.Commit);
        ulong cluster = StableHash.Combine(settings.NewClusterId, StableHash.OfBytes(snapshot.Digest));
        string unfinished = directory + UnfinishedSuffix;
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        try
        {
            Write(unfinished, settings, cluster, state, cancellationToken);
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory);
            }

            DurableFile.RenameDirectoryAtomic(unfinished, directory);
        }
        catch
        {
            if (Directory.Exists(unfinished))
            {
                Directory.Delete(unfinished, recursive: true);
            }

            throw;
        }

        return new RestoredMember(
            directory, cluster, settings.Self.Id.Value, state.Revision, Math.Max(0, state.CompactedRevision),
            reader.LiveKeys, state.Leases.Count, reader.LostLeases, reader.HadUsers);
    }

    private static void Write(
        string directory, CoordinatorSettings settings, ulong cluster, StateSnapshot state,
        CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(directory);
        NodeId self = settings.Self.Id;
        ClusterMembership membership = new(
            settings.FirstMembers, [.. settings.FirstMembers.Select(static member => member.Id)], [], []);
        NodeStorage.Create(
            directory, new LogIdentity(cluster, self), membership, data => state.WriteTo(data, cancellationToken));
        new NodeIdentityFile(
            NodeIdentityFile.FormatNow, NodeIdentityFile.Text(cluster), NodeIdentityFile.Text(self.Value),
            settings.Options.Name, Joined: false) { HasLog = true }.Write(directory);
    }
}
