using Lepton.Coordination.Client;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>Buckets. Thread safe.</summary>
internal sealed class BucketStore(IMetadataStore metadata, TimeProvider timeProvider)
{
    /// <summary>Makes a bucket.</summary>
    /// <exception cref="StoreException">It is there already.</exception>
    /// <exception cref="CoordinationException">The metadata store fails.</exception>
    public async Task CreateAsync(string bucket, CancellationToken cancellationToken)
    {
        BucketRecord record = new(timeProvider.GetUtcNow().ToUnixTimeSeconds() * 1000);
        Bytes key = MetadataKeys.Bucket(bucket);
        MetadataTxn txn = new MetadataTxn().IfNone(key)
            .Put(key, RecordJson.Write(record, RecordJson.Default.BucketRecord));
        if (await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is null)
        {
            throw new StoreException(StoreFailure.BucketExists, $"There is a bucket '{bucket}' already; it is yours.");
        }
    }

    /// <summary>Deletes an empty bucket, and with it its unfinished uploads' beginnings, of which there must be
    /// none.</summary>
    /// <exception cref="StoreException">There is no such bucket, or it is not empty.</exception>
    public async Task DeleteAsync(string bucket, CancellationToken cancellationToken)
    {
        Bytes key = MetadataKeys.Bucket(bucket);
        MetadataTxn txn = new MetadataTxn().IfExists(key)
            .IfNone(KeyRange.Prefix(MetadataKeys.ObjectsOf(bucket)))
            .IfNone(KeyRange.Prefix(MetadataKeys.UploadsOf(bucket)))
            .Delete(key);
        if (await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is not null)
        {
            return;
        }

        throw await metadata.GetAsync(key, cancellationToken).ConfigureAwait(false) is null
            ? StoreException.NoBucket(bucket)
            : new StoreException(
                StoreFailure.BucketNotEmpty,
                $"The bucket '{bucket}' is not empty: delete its objects, and abort its multipart uploads, first.");
    }

    /// <summary>Says how new objects of a bucket are encrypted that say nothing of it.</summary>
    /// <param name="bucket">The bucket.</param>
    /// <param name="algorithm"><c>AES256</c>; null for not at all.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="StoreException">There is no such bucket.</exception>
    public async Task SetEncryptionAsync(string bucket, string? algorithm, CancellationToken cancellationToken)
    {
        Bytes key = MetadataKeys.Bucket(bucket);
        MetadataTxn txn;
        do
        {
            MetadataEntry entry = await metadata.GetAsync(key, cancellationToken).ConfigureAwait(false)
                ?? throw StoreException.NoBucket(bucket);
            BucketRecord record = RecordJson.Read(entry, RecordJson.Default.BucketRecord);
            txn = new MetadataTxn().IfUnchanged(entry).Put(
                key, RecordJson.Write(record with { Encryption = algorithm }, RecordJson.Default.BucketRecord));
        }
        while (await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false) is null);
    }

    /// <summary>All buckets, by name.</summary>
    public async Task<List<(string Name, BucketRecord Record)>> ListAsync(CancellationToken cancellationToken)
    {
        MetadataPage page = await metadata.RangeAsync(
            MetadataKeys.AllBuckets, 0, Revision.None, cancellationToken).ConfigureAwait(false);
        string prefix = MetadataKeys.AllBuckets.Start.ToString();
        return
        [
            .. page.Entries.Select(entry => (
                MetadataKeys.After(prefix, entry.Key), RecordJson.Read(entry, RecordJson.Default.BucketRecord))),
        ];
    }
}
