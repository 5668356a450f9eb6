using System.Globalization;
using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;
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

    /// <summary>How many copies each block has, where there are as many nodes, and how each node is, as it told the
    /// coordination store a few seconds ago.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StorageException">There is no store.</exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    /// <exception cref="InvalidDataException">A record is not what it should be.</exception>
    public async Task<(int Copies, IReadOnlyList<StorageNodeStatus> Nodes)> StatusAsync(
        CancellationToken cancellationToken = default)
    {
        ClusterView view = await ViewAsync(cancellationToken).ConfigureAwait(false);
        RangeResult told = await _client.RangeAsync(
            MetadataKeys.AllNodeStatus, new RangeOptions { AtRevision = view.Revision }, cancellationToken)
            .ConfigureAwait(false);
        Dictionary<Bytes, MetadataEntry> status = told.Entries.ToDictionary(
            static entry => entry.Key,
            static entry => new MetadataEntry(entry.Key, entry.Value.Memory, entry.ModRevision));
        return (
            view.Layout.Copies,
            [
                .. view.Layout.Nodes.OrderBy(static node => node.Name, StringComparer.Ordinal)
                    .Select(node => StatusOf(view, node, status.GetValueOrDefault(MetadataKeys.NodeStatus(node.Id)))),
            ]);
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
    /// <exception cref="StorageException">There is no such node, or it has, or may have, what others
    /// lack.</exception>
    /// <exception cref="InvalidDataException">A record is not what it should be.</exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task RemoveAsync(string name, bool isLost, CancellationToken cancellationToken = default)
    {
        (MetadataEntry entry, NodeRecord node) = await FindAsync(name, cancellationToken).ConfigureAwait(false);
        Bytes status = MetadataKeys.NodeStatus(new NodeId(node.NodeId));
        if (!isLost)
        {
            RequireDrained(entry, node, await _metadata.GetAsync(status, cancellationToken).ConfigureAwait(false));
        }

        MetadataTxn txn = new MetadataTxn().IfUnchanged(entry).Delete(entry.Key).Delete(status)
            .Put(MetadataKeys.RemovedNode(new NodeId(node.NodeId)), entry.Value.ToArray());
        await CommitAsync(txn, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sees that a node has said, since its record is what it is, that it need keep nothing.</summary>
    private static void RequireDrained(MetadataEntry entry, NodeRecord node, MetadataEntry? status)
    {
        if (!node.IsDraining)
        {
            throw new StorageException(
                $"'{node.Name}' has blocks that others may lack. First lepton storage drain {node.Name}; where it is " +
                "lost for good, add --lost.");
        }

        KeptBlocks? kept = status is null ? null : StatusReporter.Read(status).OnlyHere;
        if (kept is null || kept.AsOf < entry.Revision)
        {
            throw new StorageException(
                $"'{node.Name}' has not said yet what it has to keep since it began to be drained, or was started " +
                "again. It counts within a minute, where it runs: wait for it in lepton storage status. Where it is " +
                "lost for good, add --lost.");
        }

        if (kept.Count > 0)
        {
            throw new StorageException(string.Create(
                CultureInfo.InvariantCulture,
                $"'{node.Name}' still has {kept.Count} blocks of which other nodes lack copies. Wait until lepton " +
                $"storage status has 0 of them to keep; to lose what only it has, add --lost."));
        }
    }

    private static StorageNodeStatus StatusOf(ClusterView view, ClusterNode node, MetadataEntry? entry)
    {
        bool isLive = view.Live.TryGetValue(node.Id, out Revision session);
        StorageNodeStatus silent = new(
            node.Name, node.Zone, node.Weight, isLive ? "starting" : "gone", null, null, null, null, null, null, null,
            null);
        if (!isLive || entry is null || entry.Revision < session)
        {
            // What it said in an earlier session is over.
            return silent;
        }

        PeerStatus status = StatusReporter.Read(entry);
        RepairProgress repair = status.Repair;
        return silent with
        {
            State = node.IsDraining ? "draining" : "live",
            Blocks = status.Blocks,
            BlocksToKeep = status.OnlyHere?.Count,
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
