using System.Text;
using System.Xml;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.S3.Answers;
using Lepton.Storage.S3.Requests;

namespace Lepton.Storage.S3.Operations;

/// <summary>Lists of buckets, objects and uploads.</summary>
internal sealed class ListOperations(S3Services services)
{
    private const int KeysMax = 1000;

    public async Task BucketsAsync(S3Call call)
    {
        List<(string Name, BucketRecord Record)> all = await services.Buckets.ListAsync(call.Aborted)
            .ConfigureAwait(false);
        await call.AnswerAsync(S3Xml.Write("ListAllMyBucketsResult", xml =>
        {
            xml.Owner("Owner");
            xml.WriteStartElement("Buckets");
            foreach ((string name, BucketRecord record) in all.Where(bucket => call.Key.IsFor(bucket.Name)))
            {
                xml.WriteStartElement("Bucket");
                xml.Element("Name", name);
                xml.Time("CreationDate", record.CreatedMs);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        })).ConfigureAwait(false);
    }

    public async Task ObjectsAsync(S3Call call)
    {
        bool isV2 = IsV2(call);
        bool encodes = Encodes(call);
        ListQuery query = new(
            call.Request.Get("prefix") ?? "", call.Request.Get("delimiter") ?? "", isV2 ? AfterV2(call)
                : call.Request.Get("marker") ?? "", call.Number("max-keys", KeysMax, 0, KeysMax));
        ListPage page = await ListAsync(call, MetadataKeys.ObjectsOf(call.Request.Bucket), query).ConfigureAwait(false);
        await call.AnswerAsync(S3Xml.Write("ListBucketResult", xml =>
        {
            Begin(xml, call, query, page, encodes);
            if (isV2)
            {
                xml.Element("KeyCount", page.Entries.Count + page.CommonPrefixes.Count);
                Repeat(xml, call, "ContinuationToken", "continuation-token", false);
                Repeat(xml, call, "StartAfter", "start-after", encodes);
                if (page.IsTruncated)
                {
                    xml.Element("NextContinuationToken", Convert.ToBase64String(Encoding.UTF8.GetBytes(page.Last!)));
                }
            }
            else
            {
                xml.Element("Marker", S3Xml.Encoded(query.After, encodes));
                if (page.IsTruncated)
                {
                    xml.Element("NextMarker", S3Xml.Encoded(page.Last!, encodes));
                }
            }

            bool withOwner = !isV2 || call.Request.Get("fetch-owner") == "true";
            foreach ((string key, MetadataEntry entry) in page.Entries)
            {
                Contents(xml, S3Xml.Encoded(key, encodes), entry, withOwner);
            }

            CommonPrefixes(xml, page, encodes);
        })).ConfigureAwait(false);
    }

    public async Task UploadsAsync(S3Call call)
    {
        bool encodes = Encodes(call);
        string marker = call.Request.Get("key-marker") ?? "";
        string after = marker.Length == 0
            ? ""
            : marker + "\0" + (call.Request.Get("upload-id-marker") is { Length: > 0 } id ? id : "g");
        ListQuery query = new(
            call.Request.Get("prefix") ?? "", call.Request.Get("delimiter") ?? "", after,
            call.Number("max-uploads", KeysMax, 0, KeysMax));
        ListPage page = await ListAsync(call, MetadataKeys.UploadsOf(call.Request.Bucket), query).ConfigureAwait(false);
        await call.AnswerAsync(S3Xml.Write("ListMultipartUploadsResult", xml =>
        {
            xml.Element("Bucket", call.Request.Bucket);
            xml.Element("KeyMarker", S3Xml.Encoded(marker, encodes));
            xml.Element("UploadIdMarker", call.Request.Get("upload-id-marker") ?? "");
            if (page is { IsTruncated: true, Last: { } last })
            {
                (string key, string uploadId) = last.Contains('\0', StringComparison.Ordinal)
                    ? UploadStore.Split(last)
                    : (last, "");
                xml.Element("NextKeyMarker", S3Xml.Encoded(key, encodes));
                xml.Element("NextUploadIdMarker", uploadId);
            }

            xml.Element("Prefix", S3Xml.Encoded(query.Prefix, encodes));
            xml.Element("MaxUploads", query.Max);
            xml.Element("IsTruncated", page.IsTruncated);
            foreach ((string listed, MetadataEntry entry) in page.Entries)
            {
                (string key, string uploadId) = UploadStore.Split(listed);
                UploadRecord record = RecordJson.Read(entry, RecordJson.Default.UploadRecord);
                xml.WriteStartElement("Upload");
                xml.Element("Key", S3Xml.Encoded(key, encodes));
                xml.Element("UploadId", uploadId);
                xml.Owner("Initiator");
                xml.Owner("Owner");
                xml.Element("StorageClass", "STANDARD");
                xml.Time("Initiated", record.StartedMs);
                xml.WriteEndElement();
            }

            CommonPrefixes(xml, page, encodes);
        })).ConfigureAwait(false);
    }

    private static bool IsV2(S3Call call) => call.Request.Get("list-type") switch
    {
        null => false,
        "2" => true,
        string other => throw new S3Exception(
            S3Error.InvalidArgument, $"list-type is '{other}'; expected 2, or none."),
    };

    private static bool Encodes(S3Call call) => call.Request.Get("encoding-type") switch
    {
        null => false,
        "url" => true,
        string other => throw new S3Exception(
            S3Error.InvalidArgument, $"encoding-type is '{other}'; expected url, or none."),
    };

    private static string AfterV2(S3Call call)
    {
        if (call.Request.Get("continuation-token") is not { } token)
        {
            return call.Request.Get("start-after") ?? "";
        }

        byte[] bytes = new byte[token.Length];
        return Convert.TryFromBase64String(token, bytes, out int written)
            ? Encoding.UTF8.GetString(bytes, 0, written)
            : throw new S3Exception(
                S3Error.InvalidArgument, "The continuation token is none of this store's. Give " +
                    "what the last list gave.");
    }

    private static void Begin(XmlWriter xml, S3Call call, ListQuery query, ListPage page, bool encodes)
    {
        xml.Element("Name", call.Request.Bucket);
        xml.Element("Prefix", S3Xml.Encoded(query.Prefix, encodes));
        if (query.Delimiter.Length > 0)
        {
            xml.Element("Delimiter", S3Xml.Encoded(query.Delimiter, encodes));
        }

        if (encodes)
        {
            xml.Element("EncodingType", "url");
        }

        xml.Element("MaxKeys", query.Max);
        xml.Element("IsTruncated", page.IsTruncated);
    }

    private static void Repeat(XmlWriter xml, S3Call call, string element, string name, bool encodes)
    {
        if (call.Request.Get(name) is { } value)
        {
            xml.Element(element, S3Xml.Encoded(value, encodes));
        }
    }

    private static void Contents(XmlWriter xml, string key, MetadataEntry entry, bool withOwner)
    {
        ObjectRecord record = RecordJson.Read(entry, RecordJson.Default.ObjectRecord);
        xml.WriteStartElement("Contents");
        xml.Element("Key", key);
        xml.Time("LastModified", record.ModifiedMs);
        xml.Element("ETag", $"\"{record.ETag}\"");
        foreach (string kind in record.Checksums.Keys)
        {
            xml.Element("ChecksumAlgorithm", kind.ToUpperInvariant());
        }

        xml.Element("Size", record.Content.Size);
        if (withOwner)
        {
            xml.Owner("Owner");
        }

        xml.Element("StorageClass", "STANDARD");
        xml.WriteEndElement();
    }

    private static void CommonPrefixes(XmlWriter xml, ListPage page, bool encodes)
    {
        foreach (string prefix in page.CommonPrefixes)
        {
            xml.WriteStartElement("CommonPrefixes");
            xml.Element("Prefix", S3Xml.Encoded(prefix, encodes));
            xml.WriteEndElement();
        }
    }

    private async Task<ListPage> ListAsync(S3Call call, string root, ListQuery query)
    {
        await services.Objects.RequireBucketAsync(call.Request.Bucket, call.Aborted).ConfigureAwait(false);
        return await new KeyListing(services.Objects.Metadata, root, query).RunAsync(call.Aborted)
            .ConfigureAwait(false);
    }
}
