using System.Collections.Concurrent;
using System.Security.Cryptography;
using Lepton.Coordination.Client;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Encryption;

/// <summary>
/// The keys of a store that wrap the data keys of its objects: in the coordination store, encrypted under the nodes'
/// secret key. One is current; the others are there until nothing is wrapped with them any more. Thread safe.
/// </summary>
internal sealed class ClusterKeys(IMetadataStore metadata, SecretBox box, TimeProvider timeProvider)
{
    private const int KeyBytes = 32;
    private const int IdDigits = 16;
    private readonly ConcurrentDictionary<string, byte[]> _keys = new(StringComparer.Ordinal);
    private CurrentKey? _current;

    /// <summary>The current key; makes the first one where there is none.</summary>
    /// <exception cref="KeyException">It can't be decrypted.</exception>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<CurrentKey> CurrentAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (Volatile.Read(ref _current) is { } known)
            {
                return known;
            }

            if (await FindCurrentAsync(cancellationToken).ConfigureAwait(false) is { } entry)
            {
                string id = RecordJson.Read(entry, RecordJson.Default.CurrentKeyRecord).KeyId;
                byte[] key = await FindAsync(id, cancellationToken).ConfigureAwait(false);
                Volatile.Write(ref _current, new CurrentKey(id, key, entry));
            }
            else
            {
                MetadataTxn txn = new MetadataTxn().IfNone(MetadataKeys.CurrentClusterKey);
                await AddAsync(txn, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Has the current key read again: a commit failed, maybe because there is another one now.</summary>
    public void ForgetCurrent() => Volatile.Write(ref _current, null);

    /// <summary>Wraps a data key with the current key.</summary>
    /// <returns>The wrapped key, and what must be unchanged when it is committed.</returns>
    /// <exception cref="KeyException">The current key can't be decrypted.</exception>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<(WrappedKey Wrapped, MetadataEntry Current)> WrapAsync(
        DataKey key, byte[] context, CancellationToken cancellationToken)
    {
        CurrentKey current = await CurrentAsync(cancellationToken).ConfigureAwait(false);
        return (new WrappedKey(current.Id, key.Wrap(current.Key, context)), current.Entry);
    }

    /// <summary>Unwraps a data key.</summary>
    /// <param name="wrapped">The wrapped key.</param>
    /// <param name="context">What it is bound to.</param>
    /// <param name="what">Whose it is, for errors.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="KeyException">The cluster key is not there, or is not that with which it was
    /// wrapped.</exception>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<DataKey> UnwrapAsync(
        WrappedKey wrapped, byte[] context, string what, CancellationToken cancellationToken)
    {
        try
        {
            byte[] key = await FindAsync(wrapped.KeyId, cancellationToken).ConfigureAwait(false);
            return DataKey.Unwrap(wrapped.Wrapped, key, context);
        }
        catch (CryptographicException e)
        {
            throw new KeyException(
                $"{what} can't be decrypted: its data key does not open with the cluster key {wrapped.KeyId} and the " +
                "name and blocks that its record has. The record was changed or moved by something else than Lepton; " +
                "restore the coordination store from a snapshot, or put the object again.",
                e);
        }
        catch (KeyException e)
        {
            throw new KeyException($"{what} can't be decrypted: {e.Message}", e);
        }
    }

    /// <summary>Makes a new current key. What the others have wrapped stays readable.</summary>
    /// <returns>Its id; null where another was made at the same moment.</returns>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<string?> RotateAsync(CancellationToken cancellationToken)
    {
        MetadataEntry? entry = await FindCurrentAsync(cancellationToken).ConfigureAwait(false);
        MetadataTxn txn = entry is null
            ? new MetadataTxn().IfNone(MetadataKeys.CurrentClusterKey)
            : new MetadataTxn().IfUnchanged(entry);
        string? id = await AddAsync(txn, cancellationToken).ConfigureAwait(false);
        ForgetCurrent();
        return id;
    }

    /// <summary>All keys, the oldest first, and which is current; null where there is none yet.</summary>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<(IReadOnlyList<ClusterKeyEntry> Keys, string? Current)> ListAsync(
        CancellationToken cancellationToken)
    {
        MetadataEntry? current = await FindCurrentAsync(cancellationToken).ConfigureAwait(false);
        MetadataPage page = await metadata.RangeAsync(
            MetadataKeys.AllClusterKeys, 0, Revision.None, cancellationToken).ConfigureAwait(false);
        string prefix = MetadataKeys.AllClusterKeys.Start.ToString();
        IEnumerable<ClusterKeyEntry> keys = page.Entries.Select(entry => new ClusterKeyEntry(
            MetadataKeys.After(prefix, entry.Key), RecordJson.Read(entry, RecordJson.Default.ClusterKeyRecord), entry));
        return (
            [.. keys.OrderBy(static key => key.Record.CreatedMs).ThenBy(static key => key.Id, StringComparer.Ordinal)],
            current is null ? null : RecordJson.Read(current, RecordJson.Default.CurrentKeyRecord).KeyId);
    }

    /// <summary>Says that nothing is wrapped with a key any more, as of when another was the current one.</summary>
    /// <returns>False where there is another current key by now.</returns>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<bool> MarkUnusedAsync(
        ClusterKeyEntry key, CurrentKey current, CancellationToken cancellationToken)
    {
        MetadataTxn txn = new MetadataTxn().IfUnchanged(current.Entry).IfUnchanged(key.Entry).Put(
            key.Entry.Key,
            RecordJson.Write(key.Record with { IsUnused = true }, RecordJson.Default.ClusterKeyRecord));
        return await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is not null;
    }

    /// <summary>Deletes a key, for good.</summary>
    /// <returns>False where it was changed meanwhile.</returns>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<bool> DropAsync(ClusterKeyEntry key, CancellationToken cancellationToken) =>
        await metadata.CommitAsync(
            new MetadataTxn().IfUnchanged(key.Entry).Delete(key.Entry.Key), cancellationToken)
            .ConfigureAwait(false) is not null;

    private Task<MetadataEntry?> FindCurrentAsync(CancellationToken cancellationToken) =>
        metadata.GetAsync(MetadataKeys.CurrentClusterKey, cancellationToken);

    /// <summary>Makes a key the current one.</summary>
    private async Task<string?> AddAsync(MetadataTxn txn, CancellationToken cancellationToken)
    {
        string id = RandomNumberGenerator.GetHexString(IdDigits, lowercase: true);
        ClusterKeyRecord record = new(
            box.SealKey(RandomNumberGenerator.GetBytes(KeyBytes), NameOf(id)),
            timeProvider.GetUtcNow().ToUnixTimeMilliseconds(), IsUnused: false);
        txn.Put(MetadataKeys.ClusterKey(id), RecordJson.Write(record, RecordJson.Default.ClusterKeyRecord))
            .Put(
                MetadataKeys.CurrentClusterKey,
                RecordJson.Write(new CurrentKeyRecord(id), RecordJson.Default.CurrentKeyRecord));
        return await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is null ? null : id;
    }

    private async Task<byte[]> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (_keys.TryGetValue(id, out byte[]? known))
        {
            return known;
        }

        MetadataEntry entry = await metadata.GetAsync(MetadataKeys.ClusterKey(id), cancellationToken)
            .ConfigureAwait(false) ?? throw new KeyException(
                $"the cluster key {id} is not in the coordination store; lepton storage cluster-key list names those " +
                "that there are. It was dropped, or the coordination store was restored in part; restore all of it " +
                "from a snapshot that has the key.");
        byte[] key = box.OpenKey(RecordJson.Read(entry, RecordJson.Default.ClusterKeyRecord).Sealed, NameOf(id))
            ?? throw new KeyException(
                $"the cluster key {id} was encrypted with another key than that in the data directory's secret.key, " +
                "or is damaged. Restore that file from a backup, or the coordination store from a snapshot.");
        return _keys.GetOrAdd(id, key);
    }

    /// <summary>Under which name the box has it; no access key's id is such.</summary>
    private static string NameOf(string id) => "cluster key " + id;
}

/// <summary>A cluster key as the coordination store has it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Record">What is known of it.</param>
/// <param name="Entry">As it was read.</param>
internal sealed record ClusterKeyEntry(string Id, ClusterKeyRecord Record, MetadataEntry Entry);
