using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Checksums;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>
/// Objects by bucket and key: bytes in blocks, all else in the metadata store, whose revisions order the versions. A
/// write is there for all readers once it returns, or not at all. Thread safe.
/// </summary>
/// <param name="metadata">Where all but bytes is.</param>
/// <param name="contents">Where bytes are.</param>
/// <param name="options">How they are kept.</param>
/// <param name="keys">What wraps the keys of encrypted objects; null where there are none, nor can be any.</param>
internal sealed class ObjectStore(
    IMetadataStore metadata, ContentStore contents, ObjectStoreOptions options, ClusterKeys? keys = null)
{
    /// <summary>Where bytes go before they are committed.</summary>
    public ContentStore Contents => contents;

    /// <summary>What wraps the keys of encrypted objects.</summary>
    internal ClusterKeys ClusterKeys =>
        keys ?? throw new InvalidOperationException("This store was opened without cluster keys.");

    internal IMetadataStore Metadata => metadata;

    internal ObjectStoreOptions Options => options;

    /// <summary>The time of records, in milliseconds since 1970, whole seconds as in HTTP's dates.</summary>
    internal long NowMs => options.TimeProvider.GetUtcNow().ToUnixTimeSeconds() * 1000;

    /// <summary>Makes bytes that are stored an object.</summary>
    /// <param name="bucket">Its bucket.</param>
    /// <param name="key">Its key.</param>
    /// <param name="upload">Its bytes; the caller disposes it afterwards.</param>
    /// <param name="attributes">What the client said of it.</param>
    /// <param name="condition">On what it depends.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreException">There is no such bucket, or the condition does not hold.</exception>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task<ObjectRecord> PutAsync(
        string bucket, string key, BlockUpload upload, AttributesRecord attributes, WriteCondition condition,
        CancellationToken cancellationToken)
    {
        ObjectRecord record = new(
            upload.Content!, Convert.ToHexStringLower(upload.Digests.Md5), NowMs, attributes, ChecksumsOf(upload));
        while (true)
        {
            try
            {
                return await CommitAsync(
                    bucket, key, upload, record, upload.Key, condition, static txn => txn, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Conflict)
            {
                // Another has put it meanwhile, and the condition still holds.
                continue;
            }
        }
    }

    /// <summary>Opens an object for reading.</summary>
    /// <exception cref="StoreException">There is no such object, or bucket.</exception>
    /// <exception cref="BlockException">Blocks of it are missing or damaged.</exception>
    /// <exception cref="KeyException">It is encrypted, and its key is not to be had.</exception>
    public async Task<ObjectReader> OpenAsync(string bucket, string key, CancellationToken cancellationToken)
    {
        (ObjectRecord record, MetadataEntry entry) = await FindAsync(bucket, key, cancellationToken)
            .ConfigureAwait(false);
        DataKey? dataKey = await KeyOfAsync(bucket, key, record, cancellationToken).ConfigureAwait(false);
        List<BlockRef> pinned = [.. record.Content.Refs];
        contents.Blocks.Local.Pin(pinned);
        try
        {
            List<BlockRef> entries = await contents.EntriesOfAsync(record.Content, cancellationToken)
                .ConfigureAwait(false);
            if (record.Content.IsManifest)
            {
                List<BlockRef> data = [.. entries.Where(static listed => !listed.IsMark)];
                contents.Blocks.Local.Pin(data);
                pinned.AddRange(data);
            }

            List<BlockRef> held = pinned;
            pinned = [];
            return new ObjectReader(contents.Blocks, $"'{bucket}/{key}'", record, entry.Revision, held, entries)
            {
                Key = dataKey,
            };
        }
        finally
        {
            contents.Blocks.Local.Unpin(pinned);
        }
    }

    /// <summary>Reads an object's record.</summary>
    /// <exception cref="StoreException">There is no such object, or bucket.</exception>
    public async Task<(ObjectRecord Record, MetadataEntry Entry)> FindAsync(
        string bucket, string key, CancellationToken cancellationToken)
    {
        MetadataEntry? entry = await metadata.GetAsync(MetadataKeys.Object(bucket, key), cancellationToken)
            .ConfigureAwait(false);
        if (entry is null)
        {
            throw await metadata.GetAsync(MetadataKeys.Bucket(bucket), cancellationToken).ConfigureAwait(false) is null
                ? StoreException.NoBucket(bucket)
                : StoreException.NoKey(bucket, key);
        }

        return (RecordJson.Read(entry, RecordJson.Default.ObjectRecord), entry);
    }

    /// <summary>Deletes an object. One that is not there is no error, as in S3.</summary>
    /// <exception cref="StoreException">There is no such bucket, or the condition does not hold.</exception>
    public async Task DeleteAsync(
        string bucket, string key, WriteCondition condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            MetadataTxn txn = new MetadataTxn().IfExists(MetadataKeys.Bucket(bucket))
                .Delete(MetadataKeys.Object(bucket, key));
            await AddConditionAsync(txn, bucket, key, condition, cancellationToken).ConfigureAwait(false);
            if (await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is not null)
            {
                return;
            }

            await RequireBucketAsync(bucket, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Copies an object, encrypted or not as it is.</summary>
    public Task<ObjectRecord> CopyAsync(
        (string Bucket, string Key) source, string bucket, string key, AttributesRecord? attributes,
        Action<ObjectRecord> check, WriteCondition condition, CancellationToken cancellationToken) =>
        CopyAsync(source, bucket, key, attributes, null, check, condition, cancellationToken);

    /// <summary>
    /// Copies an object. Its blocks are shared, not copied, and so is its key, wrapped anew for the copy; where one of
    /// the two is encrypted and the other is not, its bytes are stored again.
    /// </summary>
    /// <param name="source">Where from.</param>
    /// <param name="bucket">The bucket of the copy.</param>
    /// <param name="key">The key of the copy.</param>
    /// <param name="attributes">What is said of the copy; null for the same.</param>
    /// <param name="isEncrypted">Whether the copy is encrypted; null for as the source is.</param>
    /// <param name="check">Throws where the source, as it is, is not to be copied.</param>
    /// <param name="condition">On what the write depends.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreException">Source or bucket are not there, or the condition does not hold.</exception>
    /// <exception cref="BlockException">Bytes have to be stored again, and can't be.</exception>
    /// <exception cref="KeyException">The source is encrypted, and its key is not to be had.</exception>
    public async Task<ObjectRecord> CopyAsync(
        (string Bucket, string Key) source, string bucket, string key, AttributesRecord? attributes,
        bool? isEncrypted, Action<ObjectRecord> check, WriteCondition condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            (ObjectRecord original, MetadataEntry entry) = await FindAsync(source.Bucket, source.Key, cancellationToken)
                .ConfigureAwait(false);
            check(original);
            ObjectRecord copy = original with
            {
                ModifiedMs = NowMs,
                Attributes = attributes ?? original.Attributes,
                Encryption = null,
            };
            DataKey? dataKey = await KeyOfAsync(source.Bucket, source.Key, original, cancellationToken)
                .ConfigureAwait(false);
            bool isSame = (isEncrypted ?? dataKey is not null) == dataKey is not null;
            try
            {
                using BlockUpload? stored = isSame
                    ? null
                    : await StoreAgainAsync(source, entry, dataKey is null ? DataKey.New() : null, cancellationToken)
                        .ConfigureAwait(false);
                copy = copy with { Content = stored?.Content ?? original.Content };
                // As the source is the same when the copy is committed, so are its blocks.
                return await CommitAsync(
                    bucket, key, stored, copy, stored is null ? dataKey : stored.Key, condition,
                    txn => txn.IfUnchanged(entry), cancellationToken).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Conflict)
            {
                continue;
            }
        }
    }

    /// <summary>Fails where there is no such bucket.</summary>
    /// <exception cref="StoreException">There is none.</exception>
    public async Task<BucketRecord> RequireBucketAsync(string bucket, CancellationToken cancellationToken) =>
        await metadata.GetAsync(MetadataKeys.Bucket(bucket), cancellationToken).ConfigureAwait(false) is { } entry
            ? RecordJson.Read(entry, RecordJson.Default.BucketRecord)
            : throw StoreException.NoBucket(bucket);

    /// <summary>Fails where the session is over under which blocks were stored: other nodes may have freed
    /// them.</summary>
    /// <exception cref="StoreException">It is.</exception>
    internal async Task RequireSessionAsync(BlockUpload? upload, CancellationToken cancellationToken)
    {
        if (upload is { Session: var session }
            && (await metadata.GetAsync(MetadataKeys.LiveNode(session.Node), cancellationToken).ConfigureAwait(false))
                ?.Revision != session.Token)
        {
            throw new StoreException(
                StoreFailure.SessionOver,
                "This node was taken for dead while it stored the body: it was paused, or could not reach the " +
                "coordination store in time. Nothing was written; try again.");
        }
    }

    /// <summary>The checksums of what was uploaded, as records have them.</summary>
    internal static SortedDictionary<string, string> ChecksumsOf(BlockUpload upload)
    {
        SortedDictionary<string, string> all = new(StringComparer.Ordinal);
        foreach (ChecksumKind kind in Enum.GetValues<ChecksumKind>())
        {
            if (upload.Digests.Value(kind) is { } value)
            {
                all[kind.ToString()] = Convert.ToBase64String(value);
            }
        }

        return all;
    }

    /// <summary>The key of an object; null where it is not encrypted.</summary>
    private async Task<DataKey?> KeyOfAsync(
        string bucket, string key, ObjectRecord record, CancellationToken cancellationToken) =>
        record.Encryption is { } wrapped
            ? await ClusterKeys.UnwrapAsync(
                wrapped, WrapContext.OfObject(bucket, key, record.Content), $"'{bucket}/{key}'", cancellationToken)
                .ConfigureAwait(false)
            : null;

    /// <summary>Stores the bytes of an object again.</summary>
    /// <param name="source">The object.</param>
    /// <param name="entry">Its record as it was read.</param>
    /// <param name="key">With which they are to be encrypted; null for not at all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<BlockUpload> StoreAgainAsync(
        (string Bucket, string Key) source, MetadataEntry entry, DataKey? key, CancellationToken cancellationToken)
    {
        using ObjectReader reader = await OpenAsync(source.Bucket, source.Key, cancellationToken)
            .ConfigureAwait(false);
        return reader.Revision == entry.Revision
            ? await ContentCopy.StoreAsync(contents, reader, (0, reader.Size), [], key, cancellationToken)
                .ConfigureAwait(false)
            : throw new StoreException(
                StoreFailure.Conflict,
                $"'{source.Bucket}/{source.Key}' was not copied: it changed meanwhile. Try again.");
    }

    /// <summary>Puts a record, together with more conditions and steps.</summary>
    /// <param name="bucket">Its bucket.</param>
    /// <param name="key">Its key.</param>
    /// <param name="upload">Blocks of its own that it refers to; null where another record refers to them.</param>
    /// <param name="record">The record, without a wrapped key.</param>
    /// <param name="dataKey">Its key, which is wrapped here; null where it is not encrypted.</param>
    /// <param name="condition">On what the write depends.</param>
    /// <param name="more">Adds conditions and steps.</param>
    /// <param name="cancellationToken">Gives up before it is committed.</param>
    /// <exception cref="StoreException">
    /// No bucket, or the condition does not hold; <see cref="StoreFailure.Conflict"/> where one that was added does
    /// not.
    /// </exception>
    internal async Task<ObjectRecord> CommitAsync(
        string bucket, string key, BlockUpload? upload, ObjectRecord record, DataKey? dataKey,
        WriteCondition condition, Func<MetadataTxn, MetadataTxn> more, CancellationToken cancellationToken)
    {
        MetadataTxn txn = more(new MetadataTxn().IfExists(MetadataKeys.Bucket(bucket)));
        if (dataKey is not null)
        {
            (WrappedKey wrapped, MetadataEntry current) = await ClusterKeys.WrapAsync(
                dataKey, WrapContext.OfObject(bucket, key, record.Content), cancellationToken).ConfigureAwait(false);
            record = record with { Encryption = wrapped };
            txn.IfUnchanged(current);
        }

        txn.Put(MetadataKeys.Object(bucket, key), RecordJson.Write(record, RecordJson.Default.ObjectRecord));
        if (upload is not null)
        {
            txn.IfHeld(upload.Session);
        }

        await AddConditionAsync(txn, bucket, key, condition, cancellationToken).ConfigureAwait(false);
        try
        {
            // A caller that has gone leaves no doubt behind whether it is there; the client has its own limit.
            cancellationToken.ThrowIfCancellationRequested();
            if (await metadata.CommitAsync(txn, CancellationToken.None).ConfigureAwait(false) is not null)
            {
                return record;
            }
        }
        catch (OutcomeUnknownException)
        {
            upload?.KeepBlocks();
            throw;
        }

        await RequireBucketAsync(bucket, cancellationToken).ConfigureAwait(false);
        await RequireSessionAsync(upload, cancellationToken).ConfigureAwait(false);
        if (condition.MustBeAbsent && await metadata.GetAsync(MetadataKeys.Object(bucket, key), cancellationToken)
            .ConfigureAwait(false) is not null)
        {
            throw new StoreException(
                StoreFailure.PreconditionFailed, $"There is an object '{bucket}/{key}', and none was to be there.");
        }

        // Whether an entity tag still holds is seen by the one who tries again, with what is the current key then.
        keys?.ForgetCurrent();
        throw new StoreException(
            StoreFailure.Conflict, $"'{bucket}/{key}' was not written: it, or what it is made of, changed meanwhile. " +
                "Try again.");
    }

    private async Task AddConditionAsync(
        MetadataTxn txn, string bucket, string key, WriteCondition condition, CancellationToken cancellationToken)
    {
        if (condition.MustBeAbsent)
        {
            txn.IfNone(MetadataKeys.Object(bucket, key));
        }

        if (condition.ETag is { } wanted)
        {
            (ObjectRecord there, MetadataEntry entry) = await FindAsync(bucket, key, cancellationToken)
                .ConfigureAwait(false);
            if (wanted != "*" && wanted != there.ETag)
            {
                throw new StoreException(
                    StoreFailure.PreconditionFailed,
                    $"'{bucket}/{key}' has the entity tag \"{there.ETag}\", and \"{wanted}\" was expected.");
            }

            txn.IfUnchanged(entry);
        }
    }
}
