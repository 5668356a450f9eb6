using System.Globalization;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Requests;

namespace Lepton.Storage.S3.Bodies;

/// <summary>How a request's body is encoded, and what it must match.</summary>
/// <param name="Sha256">The body's hash in hexadecimal; null for none.</param>
/// <param name="Chunks">How its chunks are signed; null where they are not.</param>
/// <param name="IsChunked">Whether it is in chunks of AWS's kind (<c>aws-chunked</c>).</param>
/// <param name="HasTrailer">Whether headers follow the last chunk.</param>
internal sealed record BodySecurity(string? Sha256, ChunkSignatures? Chunks, bool IsChunked, bool HasTrailer)
{
    public const string Unsigned = "UNSIGNED-PAYLOAD";

    /// <summary>Reads it from <c>x-amz-content-sha256</c>.</summary>
    /// <exception cref="S3Exception">It is none of the values that there are.</exception>
    public static BodySecurity Of(S3Request request, string payload, ChunkSignatures chunks) => payload switch
    {
        Unsigned => new BodySecurity(null, null, false, false),
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => new BodySecurity(null, chunks, true, false),
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => new BodySecurity(null, chunks, true, true),
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => new BodySecurity(null, null, true, true),
        { Length: 64 } when payload.All(char.IsAsciiHexDigit) => new BodySecurity(payload, null, false, false),
        _ when payload.StartsWith("STREAMING-", StringComparison.Ordinal) => throw S3Exception.NotImplemented(
            $"The body's signature {payload} of {request.Method}"),
        _ => throw new S3Exception(
            S3Error.InvalidArgument,
            $"x-amz-content-sha256 is '{payload}'; expected 64 hexadecimal digits, {Unsigned}, or one of " +
            "STREAMING-…"),
    };

    /// <summary>Opens the body.</summary>
    /// <exception cref="S3Exception">Its length is missing.</exception>
    public RequestBody Open(S3Request request)
    {
        if (!IsChunked)
        {
            long length = request.Http.Request.ContentLength ?? (request.Header("Transfer-Encoding") is null
                ? 0
                : throw new S3Exception(
                    S3Error.MissingContentLength, "The body has no Content-Length. Give it."));
            return new RequestBody(new HashedStream(request.Http.Request.Body, Sha256), length, null);
        }

        string? text = request.Header("x-amz-decoded-content-length");
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long decoded))
        {
            throw new S3Exception(
                S3Error.MissingContentLength,
                $"x-amz-decoded-content-length is '{text}'; expected the body's length without its chunks' headers.");
        }

        AwsChunkedStream stream = new(request.Http.Request.Body, Chunks, decoded, HasTrailer);
        return new RequestBody(stream, decoded, stream.Trailers);
    }
}

/// <summary>A body that can be read once. What it must match is checked when its end is read.</summary>
/// <param name="Content">Its bytes, decoded.</param>
/// <param name="Length">How many they are.</param>
/// <param name="Trailers">Headers that follow it, there once its end was read; null where none can.</param>
internal sealed record RequestBody(Stream Content, long Length, IReadOnlyDictionary<string, string>? Trailers)
{
    /// <summary>Reads it all into memory.</summary>
    /// <exception cref="S3Exception">It is larger than the limit, or not what was signed.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAllAsync(int bytesMax, CancellationToken cancellationToken)
    {
        if (Length > bytesMax)
        {
            throw new S3Exception(S3Error.EntityTooLarge, $"The body has {Length} bytes; {bytesMax} are allowed here.");
        }

        using MemoryStream all = new((int)Length);
        await using Stream content = Content;
        await content.CopyToAsync(all, cancellationToken).ConfigureAwait(false);
        return all.ToArray();
    }
}
