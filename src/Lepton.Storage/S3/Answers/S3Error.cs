namespace Lepton.Storage.S3.Answers;

/// <summary>An error of S3's ("Amazon S3 API Reference", "Error responses").</summary>
/// <param name="Code">Its code.</param>
/// <param name="Status">Its HTTP status.</param>
internal readonly record struct S3Error(string Code, int Status)
{
    public static S3Error AccessDenied => new("AccessDenied", 403);

    public static S3Error AuthorizationHeaderMalformed => new("AuthorizationHeaderMalformed", 400);

    public static S3Error BadDigest => new("BadDigest", 400);

    public static S3Error BucketAlreadyOwnedByYou => new("BucketAlreadyOwnedByYou", 409);

    public static S3Error BucketNotEmpty => new("BucketNotEmpty", 409);

    public static S3Error ConditionalRequestConflict => new("ConditionalRequestConflict", 409);

    public static S3Error EntityTooLarge => new("EntityTooLarge", 400);

    public static S3Error EntityTooSmall => new("EntityTooSmall", 400);

    public static S3Error IncompleteBody => new("IncompleteBody", 400);

    public static S3Error InsufficientStorage => new("InsufficientStorage", 507);

    public static S3Error InternalError => new("InternalError", 500);

    public static S3Error InvalidAccessKeyId => new("InvalidAccessKeyId", 403);

    public static S3Error InvalidArgument => new("InvalidArgument", 400);

    public static S3Error InvalidBucketName => new("InvalidBucketName", 400);

    public static S3Error InvalidDigest => new("InvalidDigest", 400);

    public static S3Error InvalidPart => new("InvalidPart", 400);

    public static S3Error InvalidPartOrder => new("InvalidPartOrder", 400);

    public static S3Error InvalidRange => new("InvalidRange", 416);

    public static S3Error InvalidRequest => new("InvalidRequest", 400);

    public static S3Error InvalidUri => new("InvalidURI", 400);

    public static S3Error KeyTooLong => new("KeyTooLongError", 400);

    public static S3Error MalformedXml => new("MalformedXML", 400);

    public static S3Error MetadataTooLarge => new("MetadataTooLarge", 400);

    public static S3Error MethodNotAllowed => new("MethodNotAllowed", 405);

    public static S3Error MissingContentLength => new("MissingContentLength", 411);

    public static S3Error NoEncryption => new("ServerSideEncryptionConfigurationNotFoundError", 404);

    public static S3Error NoSuchBucket => new("NoSuchBucket", 404);

    public static S3Error NoSuchKey => new("NoSuchKey", 404);

    public static S3Error NoSuchUpload => new("NoSuchUpload", 404);

    public static S3Error NotImplemented => new("NotImplemented", 501);

    public static S3Error NotModified => new("NotModified", 304);

    public static S3Error PreconditionFailed => new("PreconditionFailed", 412);

    public static S3Error RequestTimeTooSkewed => new("RequestTimeTooSkewed", 403);

    public static S3Error ServiceUnavailable => new("ServiceUnavailable", 503);

    public static S3Error SignatureDoesNotMatch => new("SignatureDoesNotMatch", 403);

    public static S3Error ContentSha256Mismatch => new("XAmzContentSHA256Mismatch", 400);
}

/// <summary>A request that is answered with an error.</summary>
internal sealed class S3Exception(S3Error error, string message) : Exception(message)
{
    public S3Error Error => error;

    /// <summary>Headers of the answer.</summary>
    public List<(string Name, string Value)> Headers { get; } = [];

    public static S3Exception NotImplemented(string what) => new(
        S3Error.NotImplemented, $"{what} is not supported by this store. docs/storage.md lists what is; nothing was " +
            "done.");
}
