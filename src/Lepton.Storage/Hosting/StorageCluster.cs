using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Hosting;

/// <summary>Shows and changes which nodes a store has, beside nodes that run or not. Thread safe.</summary>
public sealed class StorageCluster
{
    private readonly CoordinationClient _client;
    private readonly CoordinationMetadata _metadata;

    /// <summary>Opens a store.</summary>
    /// <param name="coordination">The coordination store that holds its metadata; stays the caller's.</param>
    public StorageCluster(CoordinationClient coordination) =>
        (_client, _metadata) = (coordination, new CoordinationMetadata(coordination));

    /// <summary>How many copies each block has, where there are as many nodes, and how each node is.</summary>
    /// <param name="dataDir">The data directory of a node, for the key with which the others are asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StorageException">There is no store, or the directory has no key.</exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task<(int Copies, IReadOnlyList<StorageNodeStatus> Nodes)> StatusAsync(
        string dataDir, CancellationToken cancellationToken = default)
    {
        string path = Path.Combine(Path.GetFullPath(dataDir), DataDirectory.SecretKeyName);
        if (!File.Exists(path))
        {
            throw new StorageException(
                $"--data-dir: {path} is missing. Give the data directory of a node of the store.");
        }

        string token = SecretBox.Open(path).NodeToken;
        ClusterView view = await ViewAsync(cancellationToken).ConfigureAwait(false);
        IEnumerable<Task<StorageNodeStatus>> asked = view.Layout.Nodes
            .OrderBy(static node => node.Name, StringComparer.Ordinal)
            .Select(node => AskAsync(view, node, token, cancellationToken));
        return (view.Layout.Copies, await Task.WhenAll(asked).ConfigureAwait(false));
    }

    /// <summary>Has a node's blocks go elsewhere, or come back.</summary>
    /// <exception cref="StorageException">There is no such node, or it is the last one.</exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task DrainAsync(string name, bool isDraining, CancellationToken cancellationToken = default)
    {
        ClusterView view = await ViewAsync(cancellationToken).ConfigureAwait(false);
        if (isDraining && view.Layout.Active.All(node => node.Name == name))
        {
            throw new StorageException($"'{name}' is the last node that takes blocks. Start others first.");
        }

        (MetadataEntry entry, NodeRecord node) = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        MetadataTxn txn = new MetadataTxn().IfUnchanged(entry).Put(
            entry.Key, RecordJson.Write(node with { IsDraining = isDraining }, RecordJson.Default.NodeRecord));
        await CommitAsync(txn, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Removes a node for good.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="isLost">Whether it does not matter what only it has.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StorageException">There is no such node, or it may have what others lack.</exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task RemoveAsync(string name, bool isLost, CancellationToken cancellationToken = default)
    {
        (MetadataEntry entry, NodeRecord node) = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        if (!isLost && !node.IsDraining)
        {
            throw new StorageException(
                $"'{name}' has blocks that others may lack. First lepton storage drain {name}, and wait until lepton " +
                "storage status says that it need keep none; where it is lost for good, add --lost.");
        }

        MetadataTxn txn = new MetadataTxn().IfUnchanged(entry).Delete(entry.Key)
            .Put(MetadataKeys.RemovedNode(new NodeId(node.NodeId)), entry.Value.ToArray());
        await CommitAsync(txn, name, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<StorageNodeStatus> AskAsync(
        ClusterView view, ClusterNode node, string token, CancellationToken cancellationToken)
    {
        StorageNodeStatus silent = new(
            node.Name, node.Zone, node.Weight, view.IsLive(node.Id) ? "silent" : "gone", null, null, null, null, null,
            null, null, null);
        if (!view.IsLive(node.Id))
        {
            return silent;
        }

        using RemotePeer peer = new(node.Name, node.Address, token, TimeProvider.System);
        try
        {
            PeerStatus status = await peer.StatusAsync(cancellationToken).ConfigureAwait(false);
            RepairProgress repair = status.Repair;
            return silent with
            {
                State = node.IsDraining ? "draining" : "live",
                Blocks = status.Blocks,
                BlocksToKeep = status.OnlyHere,
                CacheBytes = status.Cache.MemoryBytes + status.Cache.DiskBytes,
                CacheHits = status.Cache.Hits,
                CacheMisses = status.Cache.Misses,
                PlainBytes = status.PlainBytes,
                StoredBytes = status.StoredBytes,
                DiskBytes = status.DiskBytes,
                DiskBytesFree = status.DiskBytesFree,
                CopiesMissing = repair.CopiesMissing - repair.CopiesMade,
                RepairShare = repair.Blocks == 0 ? 1 : repair.BlocksDone / (double)repair.Blocks,
                RepairSecondsLeft = repair.TimeLeft.TotalSeconds,
                IsBraked = repair.IsBraked,
                RepairBytes = repair.Bytes,
                ScrubShare = status.Scrub.Bytes == 0 ? 1 : status.Scrub.BytesDone / (double)status.Scrub.Bytes,
                ScrubBytes = status.Scrub.BytesDone,
                ScrubDamaged = status.Scrub.Damaged,
                ScrubSecondsLeft = status.Scrub.TimeLeft.TotalSeconds,
                ScrubOldestSeconds = status.Scrub.Oldest.TotalSeconds,
                BlocksLost = status.Lost.Blocks,
                ObjectsLost = status.Lost.Objects,
                ObjectsLostNames = status.Lost.Names,
            };
        }
        catch (BlockException)
        {
            // Told by its state.
            return silent;
        }
    }

    private async Task<ClusterView> ViewAsync(CancellationToken cancellationToken)
    {
        RangeResult read = await _client.RangeAsync(MetadataKeys.AllOfCluster, null, cancellationToken)
            .ConfigureAwait(false);
        return read.Entries.Count > 0
            ? ClusterMonitor.ViewOf(
                read.Revision,
                read.Entries.Select(entry => new MetadataEntry(entry.Key, entry.Value.Memory, entry.ModRevision)))
            : throw new StorageException(
                "--coordination: this coordination store has no object store. Start a node: lepton storage.");
    }

    private async Task<(MetadataEntry Entry, NodeRecord Node)> FindAsync(
        string name, CancellationToken cancellationToken) =>
        await _metadata.GetAsync(MetadataKeys.Node(name), cancellationToken).ConfigureAwait(false) is { } entry
            ? (entry, RecordJson.Read(entry, RecordJson.Default.NodeRecord))
            : throw new StorageException(
                $"The store has no node '{name}'. lepton storage status names those that there are.");

    private async Task CommitAsync(MetadataTxn txn, string name, CancellationToken cancellationToken)
    {
        if (await _metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is null)
        {
            throw new StorageException($"The node '{name}' was changed at the same moment. Try again.");
        }
    }
}
