using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Encryption;
using Lepton.Storage.Objects;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.S3.Answers;

/// <summary>Which of S3's errors tells what went wrong.</summary>
internal static class FailureTable
{
    public static S3Error Of(StoreFailure failure) => failure switch
    {
        StoreFailure.NoSuchBucket => S3Error.NoSuchBucket,
        StoreFailure.NoSuchKey => S3Error.NoSuchKey,
        StoreFailure.NoSuchUpload => S3Error.NoSuchUpload,
        StoreFailure.BucketExists => S3Error.BucketAlreadyOwnedByYou,
        StoreFailure.BucketNotEmpty => S3Error.BucketNotEmpty,
        StoreFailure.PreconditionFailed => S3Error.PreconditionFailed,
        StoreFailure.InvalidPart => S3Error.InvalidPart,
        StoreFailure.InvalidPartOrder => S3Error.InvalidPartOrder,
        StoreFailure.PartTooSmall => S3Error.EntityTooSmall,
        StoreFailure.SessionOver => S3Error.ServiceUnavailable,
        StoreFailure.Conflict => S3Error.ConditionalRequestConflict,
        _ => throw new ArgumentOutOfRangeException(nameof(failure)),
    };

    /// <summary>The error for an exception; null where it was not foreseen.</summary>
    public static S3Exception? Of(Exception exception) => exception switch
    {
        S3Exception known => known,
        StoreException e => new S3Exception(Of(e.Failure), e.Message),
        BlockException { Failure: BlockFailure.DiskFull } e => new S3Exception(S3Error.InsufficientStorage, e.Message),
        BlockException { Failure: BlockFailure.DiskFailed or BlockFailure.Unreachable } e =>
            new S3Exception(S3Error.ServiceUnavailable, e.Message),
        BlockException or KeyException or InvalidDataException =>
            new S3Exception(S3Error.InternalError, exception.Message),
        CoordinationException e => new S3Exception(
            S3Error.ServiceUnavailable, $"The store of the metadata fails: {e.Message}"),
        BadHttpRequestException e => new S3Exception(
            S3Error.IncompleteBody, $"The body ended early, or is malformed: {e.Message}"),
        _ => null,
    };
}
