using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace Lepton.Objects;

/// <summary>What the SDK throws, as a person reads it.</summary>
internal static class StoreFaults
{
    /// <summary>Whether an exception is a store's refusal or silence, not the caller's mistake.</summary>
    public static bool IsOne(Exception e) => e is AmazonServiceException or AmazonClientException
        or HttpRequestException or WebException or TimeoutException;

    /// <summary>The exception to throw in its place.</summary>
    public static ObjectException Of(Exception e, string store, ObjectUrl url) =>
        e switch
        {
            AmazonS3Exception { ErrorCode: "NoSuchBucket" } => NotFound(
                $"{url}: {store} has no bucket '{url.Bucket}'. Make it with 'lepton object mb " +
                $"{ObjectUrl.Scheme}{url.Bucket}', or correct the name.", e),
            AmazonS3Exception { StatusCode: HttpStatusCode.NotFound } => NotFound(
                $"{url}: there is no such object. 'lepton object ls {url with { Key = Above(url.Key) }}' shows what " +
                "there is.", e),
            AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" } s3 => new ObjectException(
                $"{url}: {store} does not know the key, or its secret is another ({s3.ErrorCode}). Check " +
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.", e),
            AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden } => new ObjectException(
                $"{url}: the key may not do this there ({store} says AccessDenied). Use one that may.", e),
            AmazonS3Exception s3 => new ObjectException($"{url}: {store} refused: {s3.ErrorCode}: {s3.Message}", e),
            _ => new ObjectException(
                $"{url}: {store} could not be reached: {Innermost(e).Message}. Check AWS_ENDPOINT_URL, and that the " +
                "store runs.", e),
        };

    private static ObjectException NotFound(string message, Exception e) => new(message, e) { IsNotFound = true };

    private static string Above(string key) => key[..(key.LastIndexOf('/') + 1)];

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
