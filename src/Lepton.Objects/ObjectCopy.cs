using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects;

/// <summary>
/// An object on its way to another place of its store, which moves the bytes by itself: in one request, or in parts
/// where that has a limit.
/// </summary>
/// <param name="objects">How failures are told.</param>
/// <param name="s3">Who asks.</param>
/// <param name="from">The object.</param>
/// <param name="to">Where its copy goes.</param>
/// <param name="progress">Told of bytes that were copied; null: nobody.</param>
internal sealed class ObjectCopy(
    ObjectClient objects, AmazonS3Client s3, ObjectUrl from, ObjectUrl to, IProgress<long>? progress)
{
    /// <summary>Up to here a copy goes in one request: S3's limit.</summary>
    public long WholeBytesMax { get; set; } = 5L << 30;

    /// <summary>The length of a part of a longer one: what a store copies within the time for one answer.</summary>
    public long PartBytes { get; set; } = 512L << 20;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // So that what the copy fails by afterwards is known to be about the other end.
        ObjectInfo info = await objects.GetInfoAsync(from, cancellationToken).ConfigureAwait(false);
        if (info.Bytes <= WholeBytesMax)
        {
            await objects.AskAsync(
                to, () => s3.CopyObjectAsync(from.Bucket, from.Key, to.Bucket, to.Key, cancellationToken))
                .ConfigureAwait(false);
            progress?.Report(info.Bytes);
            return;
        }

        InitiateMultipartUploadRequest begin = await LikeTheSourceAsync(info, cancellationToken).ConfigureAwait(false);
        await MultipartUpload.RunAsync(
            objects, s3, to, begin, upload => CopyPartsAsync(upload, info, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>In one request the store takes along what was said of the object; here it is said again.</summary>
    private Task<InitiateMultipartUploadRequest> LikeTheSourceAsync(
        ObjectInfo info, CancellationToken cancellationToken) => objects.AskAsync(from, async () =>
        {
            GetObjectMetadataResponse head = await s3.GetObjectMetadataAsync(
                new GetObjectMetadataRequest { BucketName = from.Bucket, Key = from.Key, EtagToMatch = info.ETag },
                cancellationToken).ConfigureAwait(false);
            InitiateMultipartUploadRequest begin = new() { BucketName = to.Bucket, Key = to.Key };
            foreach (string name in (string[])
                [
                    "Cache-Control", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-Type",
                    "Expires",
                ])
            {
                if (head.Headers[name] is { Length: > 0 } value)
                {
                    begin.Headers[name] = value;
                }
            }

            foreach (string name in head.Metadata.Keys)
            {
                begin.Metadata[name] = head.Metadata[name];
            }

            return begin;
        });

    private async Task CopyPartsAsync(MultipartUpload upload, ObjectInfo info, CancellationToken cancellationToken)
    {
        IReadOnlyList<(long Offset, long Bytes)> parts = FileParts.Of(info.Bytes, PartBytes);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = FileParts.AtOnce, CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, parts.Count, options, async (place, cancellation) =>
        {
            (long offset, long bytes) = parts[place];
            var request = new CopyPartRequest
            {
                SourceBucket = from.Bucket,
                SourceKey = from.Key,
                PartNumber = place + 1,
                FirstByte = offset,
                LastByte = offset + bytes - 1,
                ETagToMatch = [$"\"{info.ETag}\""],
            };
            await upload.CopyAsync(request, cancellation).ConfigureAwait(false);
            progress?.Report(bytes);
        }).ConfigureAwait(false);
    }
}
