using Lepton.Storage.Metadata;
using Lepton.Storage.S3.Answers;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.S3.Requests;

/// <summary>How a request wants its object encrypted, and how an answer tells.</summary>
internal static class EncryptionHeaders
{
    /// <summary>The one algorithm that there is: keys are the store's own (SSE-S3).</summary>
    public const string Aes256 = "AES256";

    private const string Name = "x-amz-server-side-encryption";

    /// <summary>Whether a request names it for the object that it writes.</summary>
    public static bool IsAsked(S3Request request) => All(request).Any();

    /// <summary>Whether what a request writes is to be encrypted.</summary>
    /// <param name="request">The request.</param>
    /// <param name="bucket">The bucket that it writes to.</param>
    public static bool IsWanted(S3Request request, BucketRecord bucket) =>
        IsAsked(request) || bucket.Encryption is not null;

    /// <summary>Tells that an object is encrypted, where it is.</summary>
    public static void Tell(HttpResponse response, bool isEncrypted)
    {
        if (isEncrypted)
        {
            response.Headers[Name] = Aes256;
        }
    }

    /// <summary>Refuses what is not supported: other algorithms, keys of the client or of a key service.</summary>
    /// <exception cref="S3Exception">The request asks for such.</exception>
    public static void Check(S3Request request)
    {
        foreach ((string name, string value) in All(request))
        {
            if (!name.Equals(Name, StringComparison.OrdinalIgnoreCase))
            {
                throw S3Exception.NotImplemented($"The header {name}");
            }

            CheckAlgorithm(name, value);
            if (!Takes(request))
            {
                throw new S3Exception(
                    S3Error.InvalidArgument,
                    $"{name} is for requests that begin an object: PUT of an object, its copy included, and the " +
                    "beginning of a multipart upload. Leave it out of this one.");
            }
        }
    }

    /// <summary>Refuses another algorithm than the one that there is.</summary>
    /// <param name="where">What names it, for errors.</param>
    /// <param name="value">Its name.</param>
    /// <exception cref="S3Exception">It is another.</exception>
    public static void CheckAlgorithm(string where, string? value)
    {
        if (value is "aws:kms" or "aws:kms:dsse")
        {
            throw S3Exception.NotImplemented($"{where}: {value}");
        }

        if (value != Aes256)
        {
            throw new S3Exception(S3Error.InvalidArgument, $"{where} is '{value}'; expected {Aes256}.");
        }
    }

    /// <summary>Headers, and what stands for them in the query of a presigned URL.</summary>
    private static IEnumerable<(string Name, string Value)> All(S3Request request) => request.Headers
        .Select(static header => (Name: header.Key, Value: header.Value.ToString()))
        .Concat(request.Query)
        .Where(static one => one.Name.StartsWith(Name, StringComparison.OrdinalIgnoreCase));

    private static bool Takes(S3Request request) => request.Key.Length > 0
        && ((request.Method == "PUT" && !request.Has("uploadId"))
            || (request.Method == "POST" && request.Has("uploads")));
}
