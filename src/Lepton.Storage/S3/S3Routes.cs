using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Operations;
using Lepton.Storage.S3.Requests;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.S3;

/// <summary>Finds the operation that a request means.</summary>
internal sealed class S3Routes(S3Services services)
{
    // What S3 has under these names is not here, whatever the method; "uploadId" makes partNumber a part's.
    private static readonly string[] s_unsupported =
    [
        "acl", "accelerate", "analytics", "attributes", "cors", "encryption", "intelligent-tiering", "inventory",
        "legal-hold", "lifecycle", "logging", "metrics", "notification", "object-lock", "ownershipControls", "policy",
        "policyStatus", "publicAccessBlock", "replication", "requestPayment", "restore", "retention", "select",
        "session", "tagging", "torrent", "versions", "website", "append", "renameObject",
    ];

    private readonly BucketOperations _buckets = new(services);
    private readonly EncryptionOperations _encryption = new(services);
    private readonly ListOperations _lists = new(services);
    private readonly ObjectOperations _objects = new(services);
    private readonly UploadOperations _uploads = new(services);

    /// <summary>Carries a request out.</summary>
    /// <exception cref="S3Exception">There is no such operation, or the caller may not.</exception>
    public Task RunAsync(S3Call call)
    {
        CheckAccess(call);
        RefuseUnsupported(call.Request);
        if (call.Request.Bucket.Length == 0)
        {
            return call.Request.Method == "GET" ? _lists.BucketsAsync(call) : throw NoMethod(call.Request);
        }

        return call.Request.Key.Length == 0 ? OfBucket(call) : OfObject(call);
    }

    private static void CheckAccess(S3Call call)
    {
        S3Request request = call.Request;
        if (request.Bucket.Length > 0 && !call.Key.IsFor(request.Bucket))
        {
            throw new S3Exception(
                S3Error.AccessDenied, $"The access key {call.Key.Id} is not for the bucket '{request.Bucket}'.");
        }

        if (!call.Key.MayWrite && request.Method is not ("GET" or "HEAD"))
        {
            throw new S3Exception(S3Error.AccessDenied, $"The access key {call.Key.Id} is for reading only.");
        }
    }

    private static void RefuseUnsupported(S3Request request)
    {
        foreach ((string name, string value) in request.Query)
        {
            if ((s_unsupported.Contains(name, StringComparer.Ordinal) && !IsTagRead(request, name)
                && !IsBucketEncryption(request, name))
                || (name == "versionId" && value != "null")
                || !IsKnown(request, name)
                || (name == "partNumber" && !request.Has("uploadId")))
            {
                throw S3Exception.NotImplemented($"{request.Method} with ?{name}");
            }
        }

        AttributeHeaders.RefuseUnsupported(request);
        EncryptionHeaders.Check(request);
    }

    /// <summary>
    /// A write with a parameter that is not known may ask for anything, so it is refused; a read can do no harm.
    /// </summary>
    private static bool IsKnown(S3Request request, string name) =>
        request.Method is "GET" or "HEAD" || name == "x-id" || name == "versionId"
        || name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase)
        || (request.Method, IsObject: request.Key.Length > 0, name) switch
        {
            ("PUT", true, "uploadId" or "partNumber") => true,
            ("POST", true, "uploads" or "uploadId") => true,
            ("POST", false, "delete") => true,
            ("PUT" or "DELETE", false, "encryption") => true,
            ("DELETE", true, "uploadId") => true,
            _ => false,
        };

    /// <summary>Tags can't be given, so that every object has none: clients ask for them before they copy.</summary>
    private static bool IsTagRead(S3Request request, string name) =>
        name == "tagging" && request is { Method: "GET", Key.Length: > 0 };

    /// <summary>How a bucket encrypts is there; objects have nothing under this name.</summary>
    private static bool IsBucketEncryption(S3Request request, string name) =>
        name == "encryption" && request.Key.Length == 0;

    private static S3Exception NoMethod(S3Request request) => new(
        S3Error.MethodNotAllowed, $"The method {request.Method} is not allowed against this resource.");

    private Task OfBucket(S3Call call)
    {
        S3Request request = call.Request;
        return request.Method switch
        {
            "GET" when request.Has("location") => _buckets.LocationAsync(call),
            "GET" when request.Has("versioning") => _buckets.VersioningAsync(call),
            "GET" when request.Has("encryption") => _encryption.GetAsync(call),
            "GET" when request.Has("uploads") => _lists.UploadsAsync(call),
            "GET" => _lists.ObjectsAsync(call),
            "HEAD" => _buckets.HeadAsync(call),
            "PUT" when request.Has("encryption") => _encryption.PutAsync(call),
            "PUT" => _buckets.CreateAsync(call),
            "DELETE" when request.Has("encryption") => _encryption.DeleteAsync(call),
            "DELETE" => _buckets.DeleteAsync(call),
            "POST" when request.Has("delete") => _buckets.DeleteManyAsync(call),
            "POST" => throw S3Exception.NotImplemented("An upload by a form"),
            _ => throw NoMethod(request),
        };
    }

    private Task OfObject(S3Call call)
    {
        S3Request request = call.Request;
        bool isUpload = request.Has("uploadId");
        bool isCopy = request.Header(CopySource.Header) is not null;
        return request.Method switch
        {
            "GET" when isUpload => _uploads.PartsAsync(call),
            "GET" when request.Has("tagging") => _objects.TagsAsync(call),
            "GET" => _objects.GetAsync(call),
            "HEAD" => _objects.HeadAsync(call),
            "PUT" when isUpload && isCopy => _uploads.CopyPartAsync(call),
            "PUT" when isUpload => _uploads.PutPartAsync(call),
            "PUT" when isCopy => _objects.CopyAsync(call),
            "PUT" => _objects.PutAsync(call),
            "DELETE" when isUpload => _uploads.AbortAsync(call),
            "DELETE" => _objects.DeleteAsync(call),
            "POST" when request.Has("uploads") => _uploads.BeginAsync(call),
            "POST" when isUpload => _uploads.CompleteAsync(call),
            _ => throw NoMethod(request),
        };
    }
}
