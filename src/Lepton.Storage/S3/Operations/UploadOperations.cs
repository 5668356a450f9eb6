using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Lepton.Storage.Checksums;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Requests;
using Microsoft.AspNetCore.Http;

namespace Lepton.Storage.S3.Operations;

/// <summary>Multipart uploads.</summary>
internal sealed class UploadOperations(S3Services services)
{
    private const int PartsMax = 1000;

    public async Task BeginAsync(S3Call call)
    {
        ChecksumKind? checksum = ChecksumHeaders.Asked(call.Request);
        bool isWhole = ChecksumHeaders.IsWhole(call.Request, checksum);
        BucketRecord bucket = await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted)
            .ConfigureAwait(false);
        DataKey? dataKey = ObjectOperations.NewKey(call, bucket);
        string uploadId = await services.Uploads.BeginAsync(
            call.Request.Bucket, call.Request.Key, AttributeHeaders.Parse(call.Request), checksum, isWhole,
            dataKey, call.Aborted).ConfigureAwait(false);
        EncryptionHeaders.Tell(call.Response, dataKey is not null);
        if (checksum is { } kind)
        {
            call.Response.Headers["x-amz-checksum-algorithm"] = kind.ToString().ToUpperInvariant();
            call.Response.Headers["x-amz-checksum-type"] = isWhole ? "FULL_OBJECT" : "COMPOSITE";
        }

        await call.AnswerAsync(S3Xml.Write("InitiateMultipartUploadResult", xml =>
        {
            xml.Element("Bucket", call.Request.Bucket);
            xml.Element("Key", call.Request.Key);
            xml.Element("UploadId", uploadId);
        })).ConfigureAwait(false);
    }

    public async Task PutPartAsync(S3Call call)
    {
        UploadRecord upload = await FindAsync(call).ConfigureAwait(false);
        DataKey? dataKey = await KeyOfAsync(call, upload).ConfigureAwait(false);
        using BlockUpload stored = await ObjectOperations.StoreBodyAsync(services, call, KindsOf(upload), _ => dataKey)
            .ConfigureAwait(false);
        PartRecord part = await services.Uploads.PutPartAsync(
            call.Request.Bucket, call.Request.Key, UploadId(call), PartNumber(call), stored, call.Aborted)
            .ConfigureAwait(false);
        call.Response.Headers.ETag = $"\"{part.ETag}\"";
        ObjectOperations.AddChecksums(call.Response, part.Checksums);
        EncryptionHeaders.Tell(call.Response, dataKey is not null);
    }

    public async Task CopyPartAsync(S3Call call)
    {
        UploadRecord upload = await FindAsync(call).ConfigureAwait(false);
        DataKey? dataKey = await KeyOfAsync(call, upload).ConfigureAwait(false);
        (string bucket, string key) = CopySource.Parse(call);
        using ObjectReader reader = await services.Objects.OpenAsync(bucket, key, call.Aborted).ConfigureAwait(false);
        Preconditions.Check(call.Request, reader.Record, CopySource.ConditionPrefix);
        string? header = call.Request.Header("x-amz-copy-source-range");
        ByteRange range = ByteRange.Parse(header, reader.Size) ?? (header is null
            ? new ByteRange(0, reader.Size)
            : throw new S3Exception(
                S3Error.InvalidArgument, $"x-amz-copy-source-range is '{header}'; expected such as bytes=0-9."));
        if (range.Length > ObjectOperations.PutBytesMax)
        {
            throw new S3Exception(
                S3Error.EntityTooLarge, $"The source has {range.Length} bytes; {ObjectOperations.PutBytesMax} are " +
                    "allowed.");
        }

        using BlockUpload stored = await ContentCopy.StoreAsync(
            services.Objects.Contents, reader, (range.From, range.Length), KindsOf(upload), dataKey, call.Aborted)
            .ConfigureAwait(false);
        PartRecord part = await services.Uploads.PutPartAsync(
            call.Request.Bucket, call.Request.Key, UploadId(call), PartNumber(call), stored, call.Aborted)
            .ConfigureAwait(false);
        EncryptionHeaders.Tell(call.Response, dataKey is not null);
        await call.AnswerAsync(S3Xml.Write("CopyPartResult", xml =>
        {
            xml.Time("LastModified", part.ModifiedMs);
            xml.Element("ETag", $"\"{part.ETag}\"");
            Checksums(xml, part.Checksums);
        })).ConfigureAwait(false);
    }

    public async Task CompleteAsync(S3Call call)
    {
        // Checksums in the headers are those of the object that the parts make.
        XElement body = S3Xml.Read(
            await call.ReadXmlAsync(ChecksumHeaders.None).ConfigureAwait(false), "CompleteMultipartUpload");
        List<NamedPart> parts = [.. body.Children("Part").Select(Named)];
        ObjectRecord record = await services.Uploads.CompleteAsync(
            call.Request.Bucket, call.Request.Key, UploadId(call), parts,
            made => CheckExpected(call.Request, made), Preconditions.OfWrite(call.Request), call.Aborted)
            .ConfigureAwait(false);
        EncryptionHeaders.Tell(call.Response, record.Encryption is not null);
        await call.AnswerAsync(S3Xml.Write("CompleteMultipartUploadResult", xml =>
        {
            xml.Element("Location", $"{call.Request.Http.Request.Scheme}://{call.Request.Http.Request.Host}" +
                AwsUri.Encode(call.Request.Path, keepSlashes: true));
            xml.Element("Bucket", call.Request.Bucket);
            xml.Element("Key", call.Request.Key);
            xml.Element("ETag", $"\"{record.ETag}\"");
            Checksums(xml, record.Checksums);
        })).ConfigureAwait(false);
    }

    public async Task AbortAsync(S3Call call)
    {
        await services.Uploads.AbortAsync(call.Request.Bucket, call.Request.Key, UploadId(call), call.Aborted)
            .ConfigureAwait(false);
        call.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task PartsAsync(S3Call call)
    {
        await FindAsync(call).ConfigureAwait(false);
        int after = call.Number("part-number-marker", 0, 0, int.MaxValue);
        int max = call.Number("max-parts", PartsMax, 0, PartsMax);
        (List<(int Number, PartRecord Record)> all, _) = await services.Uploads.PartsAsync(UploadId(call), call.Aborted)
            .ConfigureAwait(false);
        List<(int Number, PartRecord Record)> behind = [.. all.Where(part => part.Number > after)];
        List<(int Number, PartRecord Record)> told = [.. behind.Take(max)];
        await call.AnswerAsync(S3Xml.Write("ListPartsResult", xml =>
        {
            xml.Element("Bucket", call.Request.Bucket);
            xml.Element("Key", call.Request.Key);
            xml.Element("UploadId", UploadId(call));
            xml.Owner("Initiator");
            xml.Owner("Owner");
            xml.Element("StorageClass", "STANDARD");
            xml.Element("PartNumberMarker", after);
            xml.Element("NextPartNumberMarker", told.Count > 0 ? told[^1].Number : after);
            xml.Element("MaxParts", max);
            xml.Element("IsTruncated", told.Count < behind.Count);
            foreach ((int number, PartRecord part) in told)
            {
                xml.WriteStartElement("Part");
                xml.Element("PartNumber", number);
                xml.Time("LastModified", part.ModifiedMs);
                xml.Element("ETag", $"\"{part.ETag}\"");
                xml.Element("Size", part.Content.Size);
                Checksums(xml, part.Checksums);
                xml.WriteEndElement();
            }
        })).ConfigureAwait(false);
    }

    /// <summary>Compares the object that the parts make with what the caller says of it.</summary>
    private static void CheckExpected(S3Request request, ObjectRecord made)
    {
        string? size = request.Header("x-amz-mp-object-size");
        if (size is not null && size != made.Content.Size.ToString(CultureInfo.InvariantCulture))
        {
            throw new S3Exception(
                S3Error.InvalidRequest,
                $"x-amz-mp-object-size is '{size}', and the parts have {made.Content.Size} bytes.");
        }

        foreach ((string kind, string value) in made.Checksums)
        {
            string name = ChecksumHeaders.NameOf(kind);
            if (request.Header(name) is { } expected && expected != value)
            {
                throw new S3Exception(
                    S3Error.BadDigest, $"{name} is '{expected}', and the parts make '{value}'. Upload them again.");
            }
        }
    }

    private static void Checksums(XmlWriter xml, SortedDictionary<string, string> checksums)
    {
        foreach ((string kind, string value) in checksums)
        {
            xml.Element(ChecksumHeaders.ElementOf(kind), value);
        }
    }

    private static NamedPart Named(XElement part) => int.TryParse(
        part.Text("PartNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && part.Text("ETag") is { } etag
            ? new NamedPart(number, etag.Trim('"'))
            : throw new S3Exception(S3Error.MalformedXml, "A <Part> needs a <PartNumber> and an <ETag>.");

    private static ChecksumKind[] KindsOf(UploadRecord upload) =>
        upload.Checksum is { } kind ? [Enum.Parse<ChecksumKind>(kind)] : [];

    private static string UploadId(S3Call call) => call.Request.Get("uploadId") ?? "";

    private static int PartNumber(S3Call call)
    {
        string? text = call.Request.Get("partNumber");
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number is >= 1 and <= UploadStore.PartNumberMax
            ? number
            : throw new S3Exception(
                S3Error.InvalidArgument, $"partNumber is '{text}'; expected 1 to {UploadStore.PartNumberMax}.");
    }

    private Task<DataKey?> KeyOfAsync(S3Call call, UploadRecord upload) => services.Uploads.KeyOfAsync(
        call.Request.Bucket, call.Request.Key, UploadId(call), upload, call.Aborted);

    private async Task<UploadRecord> FindAsync(S3Call call)
    {
        if (call.Request.Has("partNumber"))
        {
            PartNumber(call);
        }

        (UploadRecord record, _) = await services.Uploads.FindAsync(
            call.Request.Bucket, call.Request.Key, UploadId(call), call.Aborted).ConfigureAwait(false);
        return record;
    }
}
