namespace Lepton.Storage.Objects;

/// <summary>Why the object store does not do what it was asked.</summary>
internal enum StoreFailure
{
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    BucketExists,
    BucketNotEmpty,
    PreconditionFailed,
    InvalidPart,
    InvalidPartOrder,
    PartTooSmall,
    Conflict,
    SessionOver,
}

/// <summary>What was asked for can't be done as things stand. The message says what and what to do.</summary>
internal sealed class StoreException(StoreFailure failure, string message) : Exception(message)
{
    public StoreFailure Failure => failure;

    public static StoreException NoBucket(string bucket) => new(
        StoreFailure.NoSuchBucket, $"There is no bucket '{bucket}'. List the buckets, or create it.");

    public static StoreException NoKey(string bucket, string key) => new(
        StoreFailure.NoSuchKey, $"The bucket '{bucket}' has no object '{key}'. List the bucket to see what there is.");

    public static StoreException NoUpload(string uploadId) => new(
        StoreFailure.NoSuchUpload,
        $"There is no upload '{uploadId}' of this key: it was completed, aborted, or has been forgotten too long.");
}
