using Lepton.Coordination.Client;
using Lepton.Storage.Encryption;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Hosting;

/// <summary>
/// Shows, replaces and drops the cluster keys of a store, which wrap the keys of encrypted objects, beside nodes that
/// run or not. Thread safe.
/// </summary>
public sealed class StorageEncryption
{
    private readonly CoordinationMetadata _metadata;
    private readonly SecretBox _box;
    private readonly ClusterKeys _keys;
    private readonly string _keyFile;

    /// <summary>Opens the cluster keys of a store.</summary>
    /// <param name="coordination">The coordination store that holds its metadata; stays the caller's.</param>
    /// <param name="dataDir">The data directory of a node, for the key that encrypts cluster keys.</param>
    /// <exception cref="StorageException">The directory holds no node.</exception>
    /// <exception cref="InvalidDataException">Its <c>secret.key</c> holds no key.</exception>
    public StorageEncryption(CoordinationClient coordination, string dataDir)
    {
        _keyFile = Path.Combine(Path.GetFullPath(dataDir), DataDirectory.SecretKeyName);
        if (!File.Exists(_keyFile))
        {
            throw new StorageException(
                $"--data-dir: {_keyFile} is missing. Give the data directory of a node of the store.");
        }

        _metadata = new CoordinationMetadata(coordination);
        _box = SecretBox.Open(_keyFile);
        _keys = new ClusterKeys(_metadata, _box, TimeProvider.System);
    }

    /// <summary>All cluster keys, the oldest first.</summary>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task<IReadOnlyList<StorageClusterKey>> ListAsync(CancellationToken cancellationToken = default)
    {
        (IReadOnlyList<ClusterKeyEntry> keys, string? current) = await _keys.ListAsync(cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. keys.Select(key => new StorageClusterKey(
                key.Id, DateTimeOffset.FromUnixTimeMilliseconds(key.Record.CreatedMs),
                key.Id == current ? "current" : key.Record.IsUnused ? "unused" : "replaced")),
        ];
    }

    /// <summary>
    /// Makes a cluster key the current one, for all that is written from now on. Nodes wrap the keys of what is there
    /// with it, behind the back.
    /// </summary>
    /// <returns>Its id.</returns>
    /// <exception cref="StorageException">
    /// The key file is not this store's, or another key was made at the same moment.
    /// </exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task<string> RotateAsync(CancellationToken cancellationToken = default)
    {
        MetadataEntry entry = await _metadata.GetAsync(MetadataKeys.Store, cancellationToken).ConfigureAwait(false)
            ?? throw new StorageException(
                "--coordination: this coordination store has no object store. Start a node: lepton storage.");
        if (RecordJson.Read(entry, RecordJson.Default.StoreRecord).KeyFingerprint != _box.Fingerprint)
        {
            throw new StorageException(
                $"--data-dir: {_keyFile} is the key of another store: no node of this one could read a cluster key " +
                "that it encrypts. Give the data directory of a node of this store.");
        }

        return await _keys.RotateAsync(cancellationToken).ConfigureAwait(false) ?? throw new StorageException(
            "Another cluster key was made at the same moment. lepton storage cluster-key list shows it.");
    }

    /// <summary>Deletes a cluster key that is not used any more.</summary>
    /// <exception cref="StorageException">There is no such key, or something may be wrapped with it.</exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task DropAsync(string id, CancellationToken cancellationToken = default)
    {
        (IReadOnlyList<ClusterKeyEntry> keys, string? current) = await _keys.ListAsync(cancellationToken)
            .ConfigureAwait(false);
        ClusterKeyEntry key = keys.FirstOrDefault(key => key.Id == id) ?? throw new StorageException(
            $"There is no cluster key '{id}'. lepton storage cluster-key list prints those that there are.");
        if (id == current)
        {
            throw new StorageException(
                $"'{id}' is the current cluster key. First replace it: lepton storage cluster-key rotate.");
        }

        if (!key.Record.IsUnused)
        {
            throw new StorageException(
                $"Objects may still need the cluster key '{id}': the nodes are wrapping their keys anew. Wait until " +
                "lepton storage cluster-key list calls it unused; a node must run for that, and its log tells what " +
                "fails.");
        }

        if (!await _keys.DropAsync(key, cancellationToken).ConfigureAwait(false))
        {
            throw new StorageException($"The cluster key '{id}' was changed at the same moment. Try again.");
        }
    }
}
