using System.Collections.Concurrent;
using System.Security.Cryptography;
using Lepton.Coordination.Client;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Keys;

/// <summary>
/// The access keys of a store: in the coordination store, with their secrets encrypted. A key that is removed is
/// refused after <see cref="CacheTime"/> at the latest. Thread safe.
/// </summary>
internal sealed class AccessKeys(IMetadataStore metadata, SecretBox box, TimeProvider timeProvider)
{
    /// <summary>How long what was read of a key is good.</summary>
    public static readonly TimeSpan CacheTime = TimeSpan.FromSeconds(10);

    private const int CachedMax = 10_000;
    private const string IdLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string SecretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private readonly ConcurrentDictionary<string, (AccessKey Key, DateTimeOffset Until)> _cache =
        new(StringComparer.Ordinal);

    /// <summary>Makes a key.</summary>
    /// <param name="buckets">The buckets that it is for; none for all.</param>
    /// <param name="mayWrite">Whether it may change anything.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<AccessKey> AddAsync(string[] buckets, bool mayWrite, CancellationToken cancellationToken)
    {
        string id = "LEPT" + RandomNumberGenerator.GetString(IdLetters, 16);
        string secret = RandomNumberGenerator.GetString(SecretLetters, 40);
        AccessKeyRecord record = new(
            box.Seal(secret, id), buckets, mayWrite, timeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        Bytes key = MetadataKeys.AccessKey(id);
        await metadata.CommitAsync(
            new MetadataTxn().IfNone(key).Put(key, RecordJson.Write(record, RecordJson.Default.AccessKeyRecord)),
            cancellationToken).ConfigureAwait(false);
        return new AccessKey(id, secret, buckets, mayWrite);
    }

    /// <summary>Finds a key; null where there is none.</summary>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    /// <exception cref="InvalidDataException">Its secret can't be decrypted.</exception>
    public async Task<AccessKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        DateTimeOffset now = timeProvider.GetUtcNow();
        if (_cache.TryGetValue(id, out (AccessKey Key, DateTimeOffset Until) cached) && now < cached.Until)
        {
            return cached.Key;
        }

        MetadataEntry? entry = await metadata.GetAsync(MetadataKeys.AccessKey(id), cancellationToken)
            .ConfigureAwait(false);
        if (entry is null)
        {
            _cache.TryRemove(id, out _);
            return null;
        }

        AccessKeyRecord record = RecordJson.Read(entry, RecordJson.Default.AccessKeyRecord);
        AccessKey key = new(id, box.Open(record.Secret, id), record.Buckets, record.MayWrite);
        if (_cache.Count >= CachedMax)
        {
            _cache.Clear();
        }

        _cache[id] = (key, now + CacheTime);
        return key;
    }

    /// <summary>Removes a key.</summary>
    /// <returns>Whether it was there.</returns>
    public async Task<bool> RemoveAsync(string id, CancellationToken cancellationToken)
    {
        _cache.TryRemove(id, out _);
        Bytes key = MetadataKeys.AccessKey(id);
        return await metadata.CommitAsync(new MetadataTxn().IfExists(key).Delete(key), cancellationToken)
            .ConfigureAwait(false) is not null;
    }

    /// <summary>All keys, without their secrets.</summary>
    public async Task<List<(string Id, AccessKeyRecord Record)>> ListAsync(CancellationToken cancellationToken)
    {
        MetadataPage page = await metadata.RangeAsync(
            MetadataKeys.AllAccessKeys, 0, Revision.None, cancellationToken).ConfigureAwait(false);
        string prefix = MetadataKeys.AllAccessKeys.Start.ToString();
        return
        [
            .. page.Entries.Select(entry => (
                MetadataKeys.After(prefix, entry.Key),
                RecordJson.Read(entry, RecordJson.Default.AccessKeyRecord) with { Secret = [] })),
        ];
    }
}
