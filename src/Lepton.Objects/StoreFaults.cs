using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects;

/// <summary>What the SDK throws, as a person reads it.</summary>
internal static class StoreFaults
{
    /// <summary>Whether an exception is a store's refusal or silence, not the caller's mistake.</summary>
    public static bool IsOne(Exception e) => e is AmazonServiceException or AmazonClientException
        or HttpRequestException or HttpIOException or WebException or TimeoutException
        or IOException { InnerException: SocketException };

    /// <summary>The exception to throw in its place.</summary>
    /// <param name="e">What the SDK threw.</param>
    /// <param name="store">Who was asked.</param>
    /// <param name="url">About what; null: about the store as such.</param>
    public static ObjectException Of(Exception e, string store, ObjectUrl? url)
    {
        string where = url is { } one ? $"{one}: " : "";
        return e switch
        {
            DeleteObjectsException { Response.DeleteErrors: [{ } first, ..] errors } => new ObjectException(
                $"{where}{errors.Count} objects could not be deleted; the first is '{first.Key}': {first.Code}: " +
                first.Message, e),
            _ when HasNoKey(e) => new ObjectException(
                $"{where}there is no key for {store}, neither in the environment nor in a profile nor given by this " +
                "machine. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; and AWS_ENDPOINT_URL, if " +
                "another store is meant.", e) { Failure = ObjectFailure.Denied },
            AmazonS3Exception s3 => OfRefusal(s3, store, where, url ?? default),
            _ when Untrusted(e) is { } why && SpeaksNoTls(why) => new ObjectException(
                $"{where}{store} does not speak TLS: {why.Message.TrimEnd('.')}. Where the store serves http, " +
                "AWS_ENDPOINT_URL begins so.", e),
            _ when Untrusted(e) is { } why => new ObjectException(
                $"{where}{store} can't be trusted: {why.Message.TrimEnd('.')}. Check AWS_ENDPOINT_URL, and have " +
                "AWS_CA_BUNDLE name a PEM file of the authority that vouches for the store.", e),
            _ => new ObjectException(
                $"{where}{store} could not be reached: {Innermost(e).Message}. Check AWS_ENDPOINT_URL, and that the " +
                $"store runs.{HintOfTls(Innermost(e), store)}", e),
        };
    }

    /// <summary>There is a bucket, but no such object in it.</summary>
    public static ObjectException NoSuchObject(ObjectUrl url, Exception? e = null) => NotFound(
        $"{url}: there is no such object. 'lepton object ls {url.Folder}' shows what there is.",
        e);

    private static ObjectException OfRefusal(AmazonS3Exception e, string store, string where, ObjectUrl url) =>
        e switch
        {
            { ErrorCode: "NoSuchBucket" } => NotFound(
                $"{where}{store} has no bucket '{url.Bucket}'. Make it with 'lepton object mb " +
                $"{ObjectUrl.Scheme}{url.Bucket}', or correct the name.", e),
            { ErrorCode: "BucketNotEmpty" } => new ObjectException(
                $"{where}the bucket is not empty. 'lepton object rm {ObjectUrl.Scheme}{url.Bucket} --recursive' " +
                "deletes what is in it.", e),
            { ErrorCode: "NoSuchUpload" } => NotFound(
                $"{where}{store} has the upload no more: somebody or a clean-up ended it. Write the object again.", e),
            { StatusCode: HttpStatusCode.NotFound } => NoSuchObject(url, e),
            { StatusCode: HttpStatusCode.PreconditionFailed } or { ErrorCode: "ConditionalRequestConflict" } =>
                new ObjectException(
                    $"{where}the object was replaced while it was read ({e.ErrorCode}). Try again.", e)
                {
                    Failure = ObjectFailure.Changed,
                },
            { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" } => Denied(
                $"{where}{store} does not know the key, or its secret is another ({e.ErrorCode}). Check " +
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the file that they come from.", e),
            { ErrorCode: "InsufficientStorage" } or { StatusCode: HttpStatusCode.InsufficientStorage } =>
                new ObjectException(
                    $"{where}{store} is full: {e.Message.TrimEnd('.')}. Make room there: delete objects, or add " +
                    "disks or nodes.", e)
                {
                    Failure = ObjectFailure.Full,
                },
            { ErrorCode: "AccessDenied" } => Denied(
                $"{where}the key may not do this there ({store} says AccessDenied). Use one that may.", e),

            // Answers to HEAD have a status and no words.
            { StatusCode: HttpStatusCode.Forbidden } => Denied(
                $"{where}{store} refused the key: it may not do this there, or it is none of the store's, or its " +
                "secret is another. Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use a key that may.", e),
            _ => new ObjectException($"{where}{store} refused: {e.ErrorCode}: {e.Message}", e),
        };

    private static ObjectException NotFound(string message, Exception? e) =>
        new(message, e) { Failure = ObjectFailure.NotFound };

    private static ObjectException Denied(string message, Exception? e) =>
        new(message, e) { Failure = ObjectFailure.Denied };

    private static AuthenticationException? Untrusted(Exception? e) => e is null
        ? null
        : e as AuthenticationException ?? Untrusted(e.InnerException);

    // .NET has no type for it.
    private static bool SpeaksNoTls(AuthenticationException e) =>
        e.Message.StartsWith("Cannot determine the frame size", StringComparison.Ordinal);

    /// <summary>Who speaks TLS hangs up on who does not.</summary>
    private static string HintOfTls(Exception cause, string store) =>
        store.StartsWith("http://", StringComparison.Ordinal)
        && cause is SocketException { SocketErrorCode: SocketError.ConnectionReset }
            or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }
            ? " Where it serves https, AWS_ENDPOINT_URL begins so."
            : "";

    // The SDK has no type for it.
    private static bool HasNoKey(Exception? e) => e is not null
        && (e.Message.StartsWith("Failed to resolve AWS credentials", StringComparison.Ordinal)
            || HasNoKey(e.InnerException));

    private static Exception Innermost(Exception e) => e.InnerException is { } inner ? Innermost(inner) : e;
}
