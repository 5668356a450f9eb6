using System.Globalization;
using Lepton.Storage.Checksums;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Bodies;
using Lepton.Storage.S3.Requests;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.S3.Operations;

/// <summary>Putting, reading, copying and deleting objects.</summary>
internal sealed class ObjectOperations(S3Services services)
{
    /// <summary>The most bytes of one put, as S3 has it: 5 GiB.</summary>
    public const long PutBytesMax = 5L * 1024 * 1024 * 1024;

    // Query parameters by which a reader sets headers of the answer.
    private static readonly (string Query, string Header)[] s_overrides =
    [
        ("response-content-type", "Content-Type"), ("response-cache-control", "Cache-Control"),
        ("response-content-disposition", "Content-Disposition"), ("response-content-encoding", "Content-Encoding"),
        ("response-content-language", "Content-Language"), ("response-expires", "Expires"),
    ];

    public async Task PutAsync(S3Call call)
    {
        AttributesRecord attributes = AttributeHeaders.Parse(call.Request);
        WriteCondition condition = Preconditions.OfWrite(call.Request);
        using BlockUpload upload = await StoreBodyAsync(services, call, [], bucket => NewKey(call, bucket))
            .ConfigureAwait(false);
        ObjectRecord record = await services.Objects.PutAsync(
            call.Request.Bucket, call.Request.Key, upload, attributes, condition, call.Aborted).ConfigureAwait(false);
        call.Response.Headers.ETag = $"\"{record.ETag}\"";
        AddChecksums(call.Response, record.Checksums);
        EncryptionHeaders.Tell(call.Response, record.Encryption is not null);
    }

    public async Task GetAsync(S3Call call)
    {
        using ObjectReader reader = await services.Objects.OpenAsync(
            call.Request.Bucket, call.Request.Key, call.Aborted).ConfigureAwait(false);
        ByteRange range = Describe(call, reader.Record);
        bool isBegun = false;
        await reader.CopyAsync(range.From, range.Length, async bytes =>
        {
            if (!isBegun)
            {
                // Until the first block was read and found good, the answer can still be an error.
                isBegun = true;
                call.Response.ContentLength = range.Length;
            }

            await call.Response.Body.WriteAsync(bytes, call.Aborted).ConfigureAwait(false);
        }, call.Aborted).ConfigureAwait(false);
        call.Response.ContentLength ??= 0;
    }

    public async Task HeadAsync(S3Call call)
    {
        (ObjectRecord record, _) = await services.Objects.FindAsync(
            call.Request.Bucket, call.Request.Key, call.Aborted).ConfigureAwait(false);
        ByteRange range = Describe(call, record);
        call.Response.ContentLength = range.Length;
    }

    public async Task TagsAsync(S3Call call)
    {
        await services.Objects.FindAsync(call.Request.Bucket, call.Request.Key, call.Aborted).ConfigureAwait(false);
        await call.AnswerAsync(S3Xml.Write("Tagging", static xml => xml.Element("TagSet", ""))).ConfigureAwait(false);
    }

    public async Task DeleteAsync(S3Call call)
    {
        string? etag = call.Request.Header("if-match")?.Trim().Trim('"');
        await services.Objects.DeleteAsync(
            call.Request.Bucket, call.Request.Key, new WriteCondition(false, etag), call.Aborted).ConfigureAwait(false);
        call.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task CopyAsync(S3Call call)
    {
        (string Bucket, string Key) source = CopySource.Parse(call);
        string directive = call.Request.Header("x-amz-metadata-directive") ?? "COPY";
        if (directive is not ("COPY" or "REPLACE"))
        {
            throw new S3Exception(
                S3Error.InvalidArgument, $"x-amz-metadata-directive is '{directive}'; expected COPY or REPLACE.");
        }

        if (directive == "COPY" && source == (call.Request.Bucket, call.Request.Key)
            && !EncryptionHeaders.IsAsked(call.Request))
        {
            throw new S3Exception(
                S3Error.InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing its " +
                "metadata. Give x-amz-metadata-directive: REPLACE.");
        }

        BucketRecord bucket = await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted)
            .ConfigureAwait(false);

        ObjectRecord copy = await services.Objects.CopyAsync(
            source, call.Request.Bucket, call.Request.Key,
            directive == "COPY" ? null : AttributeHeaders.Parse(call.Request),
            EncryptionHeaders.IsWanted(call.Request, bucket),
            record => Preconditions.Check(call.Request, record, CopySource.ConditionPrefix),
            Preconditions.OfWrite(call.Request), call.Aborted).ConfigureAwait(false);
        EncryptionHeaders.Tell(call.Response, copy.Encryption is not null);
        await call.AnswerAsync(S3Xml.Write("CopyObjectResult", xml =>
        {
            xml.Time("LastModified", copy.ModifiedMs);
            xml.Element("ETag", $"\"{copy.ETag}\"");
        })).ConfigureAwait(false);
    }

    /// <summary>A key for the object that a request begins; null where it is not to be encrypted.</summary>
    internal static DataKey? NewKey(S3Call call, BucketRecord bucket) =>
        EncryptionHeaders.IsWanted(call.Request, bucket) ? DataKey.New() : null;

    /// <summary>Stores a request's body and checks it; nothing refers to it yet.</summary>
    /// <param name="services">Where to.</param>
    /// <param name="call">The request.</param>
    /// <param name="more">Checksums to compute beside those that it names.</param>
    /// <param name="keyOf">With which key it is encrypted, by its bucket; null for not at all.</param>
    internal static async Task<BlockUpload> StoreBodyAsync(
        S3Services services, S3Call call, IEnumerable<ChecksumKind> more, Func<BucketRecord, DataKey?> keyOf)
    {
        ChecksumHeaders checksums = ChecksumHeaders.Parse(call.Request);
        checksums.Kinds.UnionWith(more);
        RequestBody body = call.OpenBody();
        if (body.Length > PutBytesMax)
        {
            throw new S3Exception(
                S3Error.EntityTooLarge,
                $"The body has {body.Length} bytes; {PutBytesMax} are allowed. Upload it in parts.");
        }

        BucketRecord bucket = await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted)
            .ConfigureAwait(false);
        await using Stream content = body.Content;
        BlockUpload upload = await services.Objects.Contents.StoreAsync(
            content, body.Length, checksums.Kinds, keyOf(bucket), call.Aborted).ConfigureAwait(false);
        try
        {
            checksums.Check(upload.Digests, body.Trailers);
            return upload.Size == body.Length
                ? upload
                : throw new S3Exception(
                    S3Error.IncompleteBody, $"The body has {upload.Size} bytes, and {body.Length} were announced.");
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    internal static void AddChecksums(HttpResponse response, SortedDictionary<string, string> checksums)
    {
        foreach ((string kind, string value) in checksums)
        {
            response.Headers[ChecksumHeaders.NameOf(kind)] = value;
            response.Headers["x-amz-checksum-type"] =
                value.Contains('-', StringComparison.Ordinal) ? "COMPOSITE" : "FULL_OBJECT";
        }
    }

    /// <summary>Checks conditions and sets the headers of a read.</summary>
    private static ByteRange Describe(S3Call call, ObjectRecord record)
    {
        HttpResponse response = call.Response;
        response.Headers.ETag = $"\"{record.ETag}\"";
        response.Headers.LastModified = DateTimeOffset.FromUnixTimeMilliseconds(record.ModifiedMs)
            .ToString("r", CultureInfo.InvariantCulture);
        Preconditions.Check(call.Request, record);
        response.Headers.AcceptRanges = "bytes";
        EncryptionHeaders.Tell(response, record.Encryption is not null);
        response.ContentType = "binary/octet-stream";
        foreach ((string name, string value) in record.Attributes.Headers)
        {
            response.Headers[name] = value;
        }

        foreach ((string name, string value) in record.Attributes.User)
        {
            response.Headers[AttributeHeaders.UserPrefix + name] = value;
        }

        foreach ((string query, string header) in s_overrides)
        {
            if (call.Request.Get(query) is { } value)
            {
                AttributeHeaders.CheckText(query, value);
                response.Headers[header] = value;
            }
        }

        long size = record.Content.Size;
        string? asked = Preconditions.TakesRange(call.Request, record) ? call.Request.Header("Range") : null;
        if (ByteRange.Parse(asked, size) is { } range)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(
                CultureInfo.InvariantCulture, $"bytes {range.From}-{range.From + range.Length - 1}/{size}");
            return range;
        }

        if (call.Request.Header("x-amz-checksum-mode") == "ENABLED")
        {
            AddChecksums(response, record.Checksums);
        }

        return new ByteRange(0, size);
    }
}
