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

    /// <summary>How long it is good that a key was not there; another program may just have made it.</summary>
    private static readonly TimeSpan s_missTime = TimeSpan.FromSeconds(1);

    private const int CachedMax = 10_000;
    private const string IdPrefix = "LEPT";
    private const int IdLettersCount = 16;
    private const string IdLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    private const string SecretLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private readonly ConcurrentDictionary<string, (AccessKey? Key, DateTimeOffset Until)> _cache =
        new(StringComparer.Ordinal);

    /// <summary>Thinks up a key, which nobody knows yet.</summary>
    public static AccessKey New(string[] buckets, bool mayWrite) => new(
        IdPrefix + RandomNumberGenerator.GetString(IdLetters, IdLettersCount),
        RandomNumberGenerator.GetString(SecretLetters, 40), buckets, mayWrite);

    /// <summary>Makes a key.</summary>
    /// <param name="buckets">The buckets that it is for; none for all.</param>
    /// <param name="mayWrite">Whether it may change anything.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<AccessKey> AddAsync(string[] buckets, bool mayWrite, CancellationToken cancellationToken)
    {
        AccessKey key = New(buckets, mayWrite);
        await AddAsync(key, cancellationToken).ConfigureAwait(false);
        return key;
    }

    /// <summary>Adds a key that was made before.</summary>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task AddAsync(AccessKey key, CancellationToken cancellationToken)
    {
        AccessKeyRecord record = new(
            box.Seal(key.Secret, key.Id), [.. key.Buckets], key.MayWrite,
            timeProvider.GetUtcNow().ToUnixTimeMilliseconds());
        Bytes at = MetadataKeys.AccessKey(key.Id);
        await metadata.CommitAsync(
            new MetadataTxn().IfNone(at).Put(at, RecordJson.Write(record, RecordJson.Default.AccessKeyRecord)),
            cancellationToken).ConfigureAwait(false);
        _cache.TryRemove(key.Id, out _);
    }

    /// <summary>Finds a key; null where there is none.</summary>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    /// <exception cref="InvalidDataException">Its secret can't be decrypted.</exception>
    public async Task<AccessKey?> FindAsync(string id, CancellationToken cancellationToken)
    {
        if (!IsId(id))
        {
            return null;
        }

        DateTimeOffset now = timeProvider.GetUtcNow();
        if (_cache.TryGetValue(id, out (AccessKey? Key, DateTimeOffset Until) cached) && now < cached.Until)
        {
            return cached.Key;
        }

        MetadataEntry? entry = await metadata.GetAsync(MetadataKeys.AccessKey(id), cancellationToken)
            .ConfigureAwait(false);
        AccessKey? key = null;
        if (entry is not null)
        {
            AccessKeyRecord record = RecordJson.Read(entry, RecordJson.Default.AccessKeyRecord);
            key = new AccessKey(id, box.Open(record.Secret, id), record.Buckets, record.MayWrite);
        }

        if (_cache.Count >= CachedMax)
        {
            _cache.Clear();
        }

        _cache[id] = (key, now + (key is null ? s_missTime : CacheTime));
        return key;
    }

    private static bool IsId(string text) =>
        text.Length == IdPrefix.Length + IdLettersCount && text.StartsWith(IdPrefix, StringComparison.Ordinal)
        && text.All(static c => IdLetters.Contains(c, StringComparison.Ordinal));

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
