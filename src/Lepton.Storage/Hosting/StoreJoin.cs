using System.Security.Cryptography;
using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>Makes a data directory's node one of the store's, or sees that it is one and the same as before.</summary>
internal sealed class StoreJoin(
    IMetadataStore metadata, DataDirectory directory, StorageOptions options, ILogger logger)
{
    private const int CopiesDefault = 3;

    private DirectoryRecord Own => directory.Identity;

    /// <summary>Finds the store, or makes it, and gets the key that its nodes share.</summary>
    /// <exception cref="StorageException">The directory or the key is another store's.</exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    /// <exception cref="InvalidDataException">A file or a record is not what it should be.</exception>
    public async Task<(StoreRecord Store, SecretBox Key)> OpenStoreAsync(CancellationToken cancellationToken)
    {
        StoreRecord? there = await FindAsync(cancellationToken).ConfigureAwait(false);
        SecretBox key = OpenKey(isFirst: there is null);
        if (there is null)
        {
            if (Own.StoreId.Length > 0)
            {
                throw new StorageException(
                    $"--data-dir: {directory.Path} has blocks of the store {Own.StoreId}, and this coordination " +
                    "store knows of no objects at all: its nodes would take every block for garbage. Restore the " +
                    "coordination store from a snapshot, or give another --coordination or an empty directory.");
            }

            StoreRecord made = new(
                RandomNumberGenerator.GetHexString(32, lowercase: true), options.Copies ?? CopiesDefault,
                key.Fingerprint);
            await metadata.CommitAsync(
                new MetadataTxn().IfNone(MetadataKeys.Store)
                    .Put(MetadataKeys.Store, RecordJson.Write(made, RecordJson.Default.StoreRecord)),
                cancellationToken).ConfigureAwait(false);
            there = await FindAsync(cancellationToken).ConfigureAwait(false) ?? made;
        }

        Check(there, key);
        return (there, key);
    }

    /// <summary>Puts the node's record, with this start counted where the disk has room for that.</summary>
    /// <param name="store">The store.</param>
    /// <param name="address">Where other nodes find its blocks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StorageException">
    /// The name is another node's, the directory is an old copy of itself, or the node was removed.
    /// </exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task<NodeRecord> RegisterAsync(
        StoreRecord store, Uri address, CancellationToken cancellationToken)
    {
        Bytes key = MetadataKeys.Node(options.Name);
        MetadataEntry? entry = await metadata.GetAsync(key, cancellationToken).ConfigureAwait(false);
        NodeRecord? there = entry is null ? null : RecordJson.Read(entry, RecordJson.Default.NodeRecord);
        Bytes removed = MetadataKeys.RemovedNode(new NodeId(Own.NodeId));
        Check(there, await metadata.GetAsync(removed, cancellationToken).ConfigureAwait(false) is not null);

        // First the directory: a crash between the two leaves it ahead, which is no harm; behind, it would be taken for
        // an old copy.
        DirectoryRecord counted = Own with
        {
            StoreId = store.StoreId, Starts = Math.Max(Own.Starts, there?.Starts ?? 0) + 1,
        };
        if (!directory.Identify(counted))
        {
            // A full disk must not keep a node from being started: objects are read and deleted there.
            StorageLog.StartNotCounted(logger, directory.Path);
        }

        NodeRecord node = new(
            Own.NodeId, options.Name, address.ToString(), options.Zone ?? there?.Zone ?? "",
            options.Weight ?? there?.Weight ?? 1, there?.IsDraining ?? false, Own.Starts);
        MetadataTxn txn = entry is null
            ? new MetadataTxn().IfNone(key).IfNone(removed)
            : new MetadataTxn().IfUnchanged(entry).IfNone(removed);
        txn.Put(key, RecordJson.Write(node, RecordJson.Default.NodeRecord));
        return await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is not null
            ? node
            : throw new StorageException(
                $"--name: another process has registered as the node '{options.Name}' at the same moment. Stop one " +
                "of the two, or give it another name.");
    }

    private async Task<StoreRecord?> FindAsync(CancellationToken cancellationToken) =>
        await metadata.GetAsync(MetadataKeys.Store, cancellationToken).ConfigureAwait(false) is { } entry
            ? RecordJson.Read(entry, RecordJson.Default.StoreRecord)
            : null;

    private SecretBox OpenKey(bool isFirst)
    {
        string own = directory.SecretKey;
        if (options.SecretKeyFile is { } given)
        {
            if (!File.Exists(given))
            {
                throw new StorageException(
                    $"--secret-key: there is no file {given}. Give a copy of the {DataDirectory.SecretKeyName} in " +
                    "the data directory of another node.");
            }

            SecretBox key = SecretBox.Open(given);
            if (!File.Exists(own))
            {
                PrivateFile.Write(own, File.ReadAllText(given).Trim() + "\n");
            }

            return SecretBox.Open(own).Fingerprint == key.Fingerprint
                ? key
                : throw new StorageException(
                    $"--secret-key: {given} holds another key than {own}. Leave the flag out where this node has the " +
                    "right one; else give it an empty --data-dir.");
        }

        return isFirst || File.Exists(own)
            ? SecretBox.OpenOrCreate(own)
            : throw new StorageException(
                $"--secret-key: {own} is missing, and this store has other nodes. Give a copy of the " +
                $"{DataDirectory.SecretKeyName} in the data directory of one of them: the nodes of a store share it.");
    }

    private void Check(StoreRecord store, SecretBox key)
    {
        if (Own.StoreId.Length > 0 && Own.StoreId != store.StoreId)
        {
            throw new StorageException(
                $"--data-dir: {directory.Path} is of the store {Own.StoreId}, and the coordination store has the " +
                $"objects of the store {store.StoreId}. Give that store's directory, or another --coordination.");
        }

        if (key.Fingerprint != store.KeyFingerprint)
        {
            throw new StorageException(
                $"--secret-key: {directory.SecretKey} is not the key of this store: its fingerprint is " +
                $"{key.Fingerprint}, and {store.KeyFingerprint} was expected. Put a copy of another node's " +
                $"{DataDirectory.SecretKeyName} in its place.");
        }

        if (options.Copies is { } copies && copies != store.Copies)
        {
            throw new StorageException(
                $"--copies: the store was made with {store.Copies} copies, and {copies} were asked for. It can't be " +
                "changed in this version: leave the flag out.");
        }
    }

    private void Check(NodeRecord? there, bool wasRemoved)
    {
        if (wasRemoved)
        {
            throw new StorageException(
                $"--data-dir: {directory.Path} is of the node '{Own.Name}', which was removed from the store. Give " +
                "an empty directory to have a node join in its place.");
        }

        if (there is not null && there.NodeId != Own.NodeId)
        {
            throw new StorageException(
                $"--name: the store has a node '{there.Name}' already, with another data directory than " +
                $"{directory.Path}. Give another --name, or that node's directory; where it is lost for good, first " +
                $"lepton storage remove {there.Name} --lost.");
        }

        if (there is not null && Own.Starts < there.Starts)
        {
            throw new StorageException(
                $"--data-dir: {directory.Path} is an old copy of itself: it was started {Own.Starts} times, and the " +
                $"node '{there.Name}' {there.Starts} times. It may lack blocks that this node has vouched for. Bring " +
                $"the latest back; where it is lost, lepton storage remove {there.Name} --lost, and start with an " +
                "empty directory: its blocks are copied from the others.");
        }
    }
}
