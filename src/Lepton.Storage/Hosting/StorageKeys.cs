using Lepton.Coordination.Client;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Hosting;

/// <summary>
/// Makes, lists and removes the access keys of a store, beside a node that runs or not. Thread safe.
/// </summary>
public sealed class StorageKeys
{
    private readonly AccessKeys _keys;

    /// <summary>Opens the keys of a store.</summary>
    /// <param name="coordination">The coordination store that holds its metadata; stays the caller's.</param>
    /// <param name="dataDir">The data directory of its node, for the key that encrypts secrets.</param>
    /// <exception cref="StorageException">The directory holds no node.</exception>
    /// <exception cref="InvalidDataException">Its <c>secret.key</c> holds no key.</exception>
    public StorageKeys(CoordinationClient coordination, string dataDir)
    {
        string path = Path.Combine(Path.GetFullPath(dataDir), DataDirectory.SecretKeyName);
        if (!File.Exists(path))
        {
            throw new StorageException(
                $"--data-dir: {path} is missing. Give the data directory of the storage node; where it has not been " +
                "started yet, start it once.");
        }

        _keys = new AccessKeys(
            new CoordinationMetadata(coordination), SecretBox.OpenOrCreate(path), TimeProvider.System);
    }

    /// <summary>Makes a key.</summary>
    /// <param name="buckets">The buckets that it is for; none for all.</param>
    /// <param name="mayWrite">Whether it may change anything.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Its id, and its secret, which is told this once.</returns>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task<(string Id, string Secret)> AddAsync(
        IReadOnlyList<string> buckets, bool mayWrite, CancellationToken cancellationToken = default)
    {
        AccessKey key = await _keys.AddAsync([.. buckets], mayWrite, cancellationToken).ConfigureAwait(false);
        return (key.Id, key.Secret);
    }

    /// <summary>All keys: ids, the buckets that each is for (none for all), and whether it may write.</summary>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public async Task<IReadOnlyList<(string Id, IReadOnlyList<string> Buckets, bool MayWrite)>> ListAsync(
        CancellationToken cancellationToken = default)
    {
        List<(string Id, AccessKeyRecord Record)> all = await _keys.ListAsync(cancellationToken).ConfigureAwait(false);
        return [.. all.Select(static key => (key.Id, (IReadOnlyList<string>)key.Record.Buckets, key.Record.MayWrite))];
    }

    /// <summary>Removes a key; nodes refuse it ten seconds later at the latest.</summary>
    /// <returns>Whether it was there.</returns>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public Task<bool> RemoveAsync(string id, CancellationToken cancellationToken = default) =>
        _keys.RemoveAsync(id, cancellationToken);
}
