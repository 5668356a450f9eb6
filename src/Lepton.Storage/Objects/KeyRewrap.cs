using Lepton.Coordination.Client;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>
/// One pass over all records after the cluster key was replaced: data keys that others have wrapped are wrapped with
/// the current one. Objects' bytes stay as they are. It can be cut off anywhere, and run by several at once.
/// </summary>
internal sealed class KeyRewrap(IMetadataStore metadata, ClusterKeys keys)
{
    private const int PageKeys = 1000;
    private CurrentKey _current = null!;
    private bool _isOvertaken;

    /// <summary>How many data keys were wrapped anew.</summary>
    public long Rewrapped { get; private set; }

    /// <summary>Objects and uploads whose data keys can't be unwrapped, and why.</summary>
    public List<string> Failed { get; } = [];

    /// <summary>Whether nothing needs the other keys any more, and they say so.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>
    /// Runs the pass. When it is through, nothing is wrapped with the other keys: what is committed after one was
    /// replaced is wrapped with its successor, and all that was there before has been looked at.
    /// </summary>
    /// <returns>Whether there was anything to do.</returns>
    /// <exception cref="KeyException">The current key can't be decrypted.</exception>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        (IReadOnlyList<ClusterKeyEntry> all, string? current) = await keys.ListAsync(cancellationToken)
            .ConfigureAwait(false);
        ClusterKeyEntry[] replaced = [.. all.Where(key => key.Id != current && !key.Record.IsUnused)];
        if (current is null || replaced.Length == 0)
        {
            return false;
        }

        keys.ForgetCurrent();
        _current = await keys.CurrentAsync(cancellationToken).ConfigureAwait(false);
        await ScanAsync(MetadataKeys.AllObjects, RewrapObjectAsync, cancellationToken).ConfigureAwait(false);
        await ScanAsync(MetadataKeys.AllUploads, RewrapUploadAsync, cancellationToken).ConfigureAwait(false);
        if (!_isOvertaken && Failed.Count == 0)
        {
            IsComplete = true;
            foreach (ClusterKeyEntry key in replaced.Where(key => key.Id != _current.Id))
            {
                IsComplete &= await keys.MarkUnusedAsync(key, _current, cancellationToken).ConfigureAwait(false);
            }
        }

        return true;
    }

    private async Task ScanAsync(
        KeyRange range, Func<MetadataEntry, CancellationToken, Task<byte[]?>> rewrap,
        CancellationToken cancellationToken)
    {
        bool more = true;
        while (more && !_isOvertaken)
        {
            MetadataPage page = await metadata.RangeAsync(range, PageKeys, Revision.None, cancellationToken)
                .ConfigureAwait(false);
            foreach (MetadataEntry entry in page.Entries)
            {
                await RewrapAsync(entry, rewrap, cancellationToken).ConfigureAwait(false);
            }

            more = page.More;
            range = more ? KeyRange.Between(page.Entries[^1].Key.Append(new byte[1]), range.End) : range;
        }
    }

    private async Task RewrapAsync(
        MetadataEntry found, Func<MetadataEntry, CancellationToken, Task<byte[]?>> rewrap,
        CancellationToken cancellationToken)
    {
        MetadataEntry? entry = found;
        while (entry is not null && !_isOvertaken)
        {
            byte[]? record;
            try
            {
                record = await rewrap(entry, cancellationToken).ConfigureAwait(false);
            }
            catch (KeyException e)
            {
                // The others are not to wait for this one.
                Failed.Add(e.Message);
                return;
            }

            if (record is null)
            {
                return;
            }

            MetadataTxn txn = new MetadataTxn().IfUnchanged(entry).IfUnchanged(_current.Entry).Put(entry.Key, record);
            if (await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is not null)
            {
                Rewrapped++;
                return;
            }

            MetadataEntry? now = await metadata.GetAsync(entry.Key, cancellationToken).ConfigureAwait(false);
            // Where the record is the same, it is the current key that was replaced again.
            _isOvertaken = now?.Revision == entry.Revision;
            entry = now;
        }
    }

    /// <returns>The record to put; null where it needs none.</returns>
    private async Task<byte[]?> RewrapObjectAsync(MetadataEntry entry, CancellationToken cancellationToken)
    {
        ObjectRecord record = RecordJson.Read(entry, RecordJson.Default.ObjectRecord);
        (string bucket, string key) = MetadataKeys.ObjectOf(entry.Key);
        return await RewrapAsync(
            record.Encryption, () => WrapContext.OfObject(bucket, key, record.Content), $"'{bucket}/{key}'",
            cancellationToken).ConfigureAwait(false) is { } wrapped
            ? RecordJson.Write(record with { Encryption = wrapped }, RecordJson.Default.ObjectRecord)
            : null;
    }

    private async Task<byte[]?> RewrapUploadAsync(MetadataEntry entry, CancellationToken cancellationToken)
    {
        UploadRecord record = RecordJson.Read(entry, RecordJson.Default.UploadRecord);
        (string bucket, string key, string uploadId) = MetadataKeys.UploadOf(entry.Key);
        return await RewrapAsync(
            record.Encryption, () => WrapContext.OfUpload(bucket, key, uploadId), $"The upload of '{bucket}/{key}'",
            cancellationToken).ConfigureAwait(false) is { } wrapped
            ? RecordJson.Write(record with { Encryption = wrapped }, RecordJson.Default.UploadRecord)
            : null;
    }

    private async Task<WrappedKey?> RewrapAsync(
        WrappedKey? wrapped, Func<byte[]> context, string what, CancellationToken cancellationToken)
    {
        if (wrapped is null || wrapped.KeyId == _current.Id)
        {
            return null;
        }

        byte[] bound = context();
        DataKey key = await keys.UnwrapAsync(wrapped, bound, what, cancellationToken).ConfigureAwait(false);
        return new WrappedKey(_current.Id, key.Wrap(_current.Key, bound));
    }
}
