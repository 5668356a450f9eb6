using Lepton.Storage.S3.Answers;

namespace Lepton.Storage.S3.Requests;

/// <summary>Where a copy comes from (<c>x-amz-copy-source</c>).</summary>
internal static class CopySource
{
    /// <summary>The header.</summary>
    public const string Header = "x-amz-copy-source";

    /// <summary>What conditions on the source begin with.</summary>
    public const string ConditionPrefix = Header + "-";

    /// <summary>Reads it, and checks that the caller may read there.</summary>
    /// <exception cref="S3Exception">It is malformed, or forbidden.</exception>
    public static (string Bucket, string Key) Parse(S3Call call)
    {
        string header = call.Request.Header(Header)!;
        int version = header.IndexOf("?versionId=", StringComparison.Ordinal);
        if (version >= 0 && header[(version + 11)..] != "null")
        {
            throw S3Exception.NotImplemented("A version as the source of a copy");
        }

        string path = AwsUri.Decode(version >= 0 ? header[..version] : header, plusIsSpace: false).TrimStart('/');
        int slash = path.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == path.Length - 1)
        {
            throw new S3Exception(
                S3Error.InvalidArgument, $"{Header} is '{header}'; expected BUCKET/KEY, percent-encoded.");
        }

        string bucket = path[..slash];
        return call.Key.IsFor(bucket)
            ? (bucket, path[(slash + 1)..])
            : throw new S3Exception(
                S3Error.AccessDenied, $"The access key {call.Key.Id} is not for the bucket '{bucket}' of the source.");
    }
}
