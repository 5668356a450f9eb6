using System.Globalization;
using System.Security.Cryptography;
using Lepton.Coordination.Client;
using Lepton.Storage.Checksums;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>A part as the one who completes an upload names it.</summary>
/// <param name="Number">Its number, from 1 to 10,000.</param>
/// <param name="ETag">Its entity tag, without quotes.</param>
internal readonly record struct NamedPart(int Number, string ETag);

/// <summary>Multipart uploads. Thread safe.</summary>
internal sealed class UploadStore(ObjectStore objects)
{
    /// <summary>The largest number of a part.</summary>
    public const int PartNumberMax = 10_000;

    private const int IdBytes = 16;
    private const int PageKeys = 1000;

    /// <summary>Begins an upload that is not encrypted.</summary>
    public Task<string> BeginAsync(
        string bucket, string key, AttributesRecord attributes, ChecksumKind? checksum, bool isWhole,
        CancellationToken cancellationToken) =>
        BeginAsync(bucket, key, attributes, checksum, isWhole, null, cancellationToken);

    /// <summary>Begins an upload.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The key of the object to be.</param>
    /// <param name="attributes">What the client said of it.</param>
    /// <param name="checksum">The checksum that parts have; null for none.</param>
    /// <param name="isWhole">Whether the object gets that of all its bytes.</param>
    /// <param name="dataKey">With which parts and object are encrypted; null for not at all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>Its id.</returns>
    /// <exception cref="StoreException">There is no such bucket.</exception>
    public async Task<string> BeginAsync(
        string bucket, string key, AttributesRecord attributes, ChecksumKind? checksum, bool isWhole,
        DataKey? dataKey, CancellationToken cancellationToken)
    {
        string id = objects.Options.NewUploadId();
        UploadRecord record = new(objects.NowMs, attributes, checksum?.ToString(), isWhole);
        while (true)
        {
            MetadataTxn txn = new MetadataTxn().IfExists(MetadataKeys.Bucket(bucket));
            if (dataKey is not null)
            {
                (WrappedKey wrapped, MetadataEntry current) = await objects.ClusterKeys.WrapAsync(
                    dataKey, WrapContext.OfUpload(bucket, key, id), cancellationToken).ConfigureAwait(false);
                record = record with { Encryption = wrapped };
                txn.IfUnchanged(current);
            }

            txn.Put(MetadataKeys.Upload(bucket, key, id), RecordJson.Write(record, RecordJson.Default.UploadRecord));
            if (await objects.Metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is not null)
            {
                return id;
            }

            // There is no bucket, or another cluster key is the current one by now.
            await objects.RequireBucketAsync(bucket, cancellationToken).ConfigureAwait(false);
            if (dataKey is not null)
            {
                objects.ClusterKeys.ForgetCurrent();
            }
        }
    }

    /// <summary>The key of an upload; null where it is not encrypted.</summary>
    /// <exception cref="KeyException">It is not to be had.</exception>
    public async Task<DataKey?> KeyOfAsync(
        string bucket, string key, string uploadId, UploadRecord record, CancellationToken cancellationToken) =>
        record.Encryption is { } wrapped
            ? await objects.ClusterKeys.UnwrapAsync(
                wrapped, WrapContext.OfUpload(bucket, key, uploadId), $"The upload of '{bucket}/{key}'",
                cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>Reads an upload.</summary>
    /// <exception cref="StoreException">There is no such upload.</exception>
    public async Task<(UploadRecord Record, MetadataEntry Entry)> FindAsync(
        string bucket, string key, string uploadId, CancellationToken cancellationToken)
    {
        MetadataEntry entry = (IsId(uploadId)
            ? await objects.Metadata.GetAsync(MetadataKeys.Upload(bucket, key, uploadId), cancellationToken)
                .ConfigureAwait(false)
            : null) ?? throw StoreException.NoUpload(uploadId);
        return (RecordJson.Read(entry, RecordJson.Default.UploadRecord), entry);
    }

    /// <summary>Makes bytes that are stored a part, in the place of one with the same number.</summary>
    /// <exception cref="StoreException">There is no such upload, any more.</exception>
    public async Task<PartRecord> PutPartAsync(
        string bucket, string key, string uploadId, int number, BlockUpload upload,
        CancellationToken cancellationToken)
    {
        PartRecord record = new(
            upload.Content!, Convert.ToHexStringLower(upload.Digests.Md5), objects.NowMs,
            ObjectStore.ChecksumsOf(upload));
        MetadataTxn txn = new MetadataTxn().IfExists(MetadataKeys.Upload(bucket, key, uploadId))
            .IfHeld(upload.Session).Put(
            MetadataKeys.Part(uploadId, number), RecordJson.Write(record, RecordJson.Default.PartRecord));
        try
        {
            // A caller that has gone leaves no doubt behind whether the part is there; the client has its own limit.
            cancellationToken.ThrowIfCancellationRequested();
            if (await objects.Metadata.CommitAsync(txn, CancellationToken.None).ConfigureAwait(false) is not null)
            {
                return record;
            }
        }
        catch (OutcomeUnknownException)
        {
            upload.KeepBlocks();
            throw;
        }

        await objects.RequireSessionAsync(upload, cancellationToken).ConfigureAwait(false);
        throw StoreException.NoUpload(uploadId);
    }

    /// <summary>Parts of an upload, ascending.</summary>
    public async Task<(List<(int Number, PartRecord Record)> Parts, Revision Revision)> PartsAsync(
        string uploadId, CancellationToken cancellationToken)
    {
        KeyRange all = MetadataKeys.PartsOf(uploadId);
        string prefix = all.Start.ToString();
        MetadataPage page = await objects.Metadata.RangeAsync(all, 0, Revision.None, cancellationToken)
            .ConfigureAwait(false);
        return ([.. page.Entries.Select(entry => (
            int.Parse(MetadataKeys.After(prefix, entry.Key), CultureInfo.InvariantCulture),
            RecordJson.Read(entry, RecordJson.Default.PartRecord)))], page.Revision);
    }

    /// <summary>Makes the named parts one object, and ends the upload.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="key">The object's key.</param>
    /// <param name="uploadId">The upload.</param>
    /// <param name="named">The parts, ascending.</param>
    /// <param name="check">Throws where the object, as it would be, is not what the caller expects.</param>
    /// <param name="condition">On what the write depends.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreException">
    /// There is no such upload; parts are missing, others than named, out of order or too small; or the condition does
    /// not hold.
    /// </exception>
    public async Task<ObjectRecord> CompleteAsync(
        string bucket, string key, string uploadId, IReadOnlyList<NamedPart> named, Action<ObjectRecord> check,
        WriteCondition condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            UploadRecord upload;
            MetadataEntry entry;
            try
            {
                (upload, entry) = await FindAsync(bucket, key, uploadId, cancellationToken).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.NoSuchUpload)
            {
                if (await DoneAsync(bucket, key, named, cancellationToken).ConfigureAwait(false) is { } done)
                {
                    return done;
                }

                throw;
            }

            (List<(int Number, PartRecord Record)> there, Revision revision) =
                await PartsAsync(uploadId, cancellationToken).ConfigureAwait(false);
            List<PartRecord> parts = Choose(named, there);
            KeyRange keys = MetadataKeys.PartsOf(uploadId);
            DataKey? dataKey = await KeyOfAsync(bucket, key, uploadId, upload, cancellationToken)
                .ConfigureAwait(false);
            using BlockUpload joined = await objects.Contents.JoinAsync(
                [.. parts.Select(static part => part.Content)], dataKey, cancellationToken).ConfigureAwait(false);
            ObjectRecord record = new(
                joined.Content!, JoinedETag([.. parts.Select(static part => part.ETag)]), objects.NowMs,
                upload.Attributes, JoinedChecksums(upload, parts));
            check(record);
            try
            {
                return await objects.CommitAsync(
                    bucket, key, joined, record, dataKey, condition,
                    txn => txn.IfUnchanged(entry).IfNotChangedSince(keys, revision).Delete(entry.Key).Delete(keys),
                    cancellationToken).ConfigureAwait(false);
            }
            catch (StoreException e) when (e.Failure == StoreFailure.Conflict)
            {
                // A part came while this was made ready, or another completed the upload; the next round tells.
                continue;
            }
        }
    }

    /// <summary>Ends an upload and forgets its parts.</summary>
    /// <exception cref="StoreException">There is no such upload.</exception>
    public async Task AbortAsync(string bucket, string key, string uploadId, CancellationToken cancellationToken)
    {
        Bytes upload = MetadataKeys.Upload(bucket, key, uploadId);
        MetadataTxn txn = new MetadataTxn().IfExists(upload).Delete(upload).Delete(MetadataKeys.PartsOf(uploadId));
        if (!IsId(uploadId)
            || await objects.Metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is null)
        {
            throw StoreException.NoUpload(uploadId);
        }
    }

    /// <summary>Aborts the uploads that have lain for too long.</summary>
    /// <returns>How many.</returns>
    public async Task<int> AbortForgottenAsync(CancellationToken cancellationToken)
    {
        long oldestMs = (objects.Options.TimeProvider.GetUtcNow() - objects.Options.UploadAgeMax)
            .ToUnixTimeMilliseconds();
        KeyRange keys = MetadataKeys.AllUploads;
        int aborted = 0;
        while (true)
        {
            MetadataPage page = await objects.Metadata.RangeAsync(keys, PageKeys, Revision.None, cancellationToken)
                .ConfigureAwait(false);
            foreach (MetadataEntry entry in page.Entries.Where(entry =>
                RecordJson.Read(entry, RecordJson.Default.UploadRecord).StartedMs < oldestMs))
            {
                string uploadId = entry.Key.ToString()[^(2 * IdBytes)..];
                MetadataTxn txn = new MetadataTxn().IfUnchanged(entry).Delete(entry.Key)
                    .Delete(MetadataKeys.PartsOf(uploadId));
                aborted += await objects.Metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is null
                    ? 0
                    : 1;
            }

            if (!page.More)
            {
                return aborted;
            }

            keys = KeyRange.Between(page.Entries[^1].Key.Append(new byte[1]), keys.End);
        }
    }

    /// <summary>Splits what a list of uploads has as key into the object's key and the upload's id.</summary>
    internal static (string Key, string UploadId) Split(string listed)
    {
        int at = listed.LastIndexOf('\0');
        return (listed[..at], listed[(at + 1)..]);
    }

    private static bool IsId(string text) => text.Length == 2 * IdBytes && text.All(char.IsAsciiHexDigitLower);

    private List<PartRecord> Choose(IReadOnlyList<NamedPart> named, List<(int Number, PartRecord Record)> there)
    {
        Dictionary<int, PartRecord> byNumber = there.ToDictionary(part => part.Number, part => part.Record);
        List<PartRecord> chosen = [];
        int before = 0;
        foreach (NamedPart part in named)
        {
            if (part.Number <= before)
            {
                throw new StoreException(
                    StoreFailure.InvalidPartOrder,
                    $"Part {part.Number} is named behind part {before}; name the parts in ascending order, each once.");
            }

            if (!byNumber.TryGetValue(part.Number, out PartRecord? record) || record.ETag != part.ETag)
            {
                throw new StoreException(
                    StoreFailure.InvalidPart,
                    record is null
                        ? $"Part {part.Number} was not uploaded, or was given up; upload it first."
                        : $"Part {part.Number} has the entity tag \"{record.ETag}\", and \"{part.ETag}\" was named.");
            }

            if (chosen.Count > 0 && chosen[^1].Content.Size < objects.Options.PartBytesMin)
            {
                throw new StoreException(
                    StoreFailure.PartTooSmall,
                    $"Part {before} has {chosen[^1].Content.Size} bytes; all but the last need " +
                    $"{objects.Options.PartBytesMin} at least. Upload it again, larger.");
            }

            chosen.Add(record);
            before = part.Number;
        }

        return chosen.Count > 0
            ? chosen
            : throw new StoreException(StoreFailure.InvalidPart, "No part is named; name one at least.");
    }

    /// <summary>
    /// The object that these parts made, where the upload is gone: the answer to the first request was lost, and the
    /// caller asks again.
    /// </summary>
    private async Task<ObjectRecord?> DoneAsync(
        string bucket, string key, IReadOnlyList<NamedPart> named, CancellationToken cancellationToken)
    {
        // Entity tags of parts have the form of ids: MD5, in hexadecimal.
        if (named.Count == 0 || !named.All(static part => IsId(part.ETag))
            || await objects.Metadata.GetAsync(MetadataKeys.Object(bucket, key), cancellationToken)
                .ConfigureAwait(false) is not { } entry)
        {
            return null;
        }

        ObjectRecord there = RecordJson.Read(entry, RecordJson.Default.ObjectRecord);
        return there.ETag == JoinedETag([.. named.Select(static part => part.ETag)]) ? there : null;
    }

    private static string JoinedETag(List<string> parts)
    {
        byte[] all = [.. parts.SelectMany(Convert.FromHexString)];
#pragma warning disable CA5351 // S3 defines the entity tag as MD5 of the parts' MD5s.
        byte[] hash = MD5.HashData(all);
#pragma warning restore CA5351
        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(hash)}-{parts.Count}");
    }

    private static SortedDictionary<string, string> JoinedChecksums(UploadRecord upload, List<PartRecord> parts)
    {
        SortedDictionary<string, string> all = new(StringComparer.Ordinal);
        if (upload.Checksum is { } name && parts.TrueForAll(part => part.Checksums.ContainsKey(name)))
        {
            ChecksumKind kind = Enum.Parse<ChecksumKind>(name);
            all[name] = upload.IsWhole ? Whole(kind, parts) : OfParts(kind, parts);
        }

        return all;
    }

    private static string OfParts(ChecksumKind kind, List<PartRecord> parts)
    {
        byte[] sums = [.. parts.SelectMany(part => Convert.FromBase64String(part.Checksums[kind.ToString()]))];
        string joined = Convert.ToBase64String(ContentDigests.Compute(kind, sums));
        return string.Create(CultureInfo.InvariantCulture, $"{joined}-{parts.Count}");
    }

    private static string Whole(ChecksumKind kind, List<PartRecord> parts)
    {
        byte[] sum = ContentDigests.Compute(kind, []);
        foreach (PartRecord part in parts)
        {
            byte[] next = Convert.FromBase64String(part.Checksums[kind.ToString()]);
            sum = CrcJoin.Join(kind, sum, next, part.Content.Size);
        }

        return Convert.ToBase64String(sum);
    }
}
