using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects;

/// <summary>A file on its way to a store.</summary>
internal sealed class FileUpload(
    ObjectClient objects, AmazonS3Client s3, string path, ObjectUrl url, IProgress<long>? progress)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        long length = new FileInfo(path).Length;
        if (length <= FileParts.Bytes)
        {
            await SendWholeAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        string upload = await objects.AskAsync(url, async () =>
            (await s3.InitiateMultipartUploadAsync(url.Bucket, url.Key, cancellationToken).ConfigureAwait(false))
            .UploadId).ConfigureAwait(false);
        try
        {
            await SendPartsAsync(upload, length, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await TakeBackAsync(upload).ConfigureAwait(false);
            throw;
        }
    }

    private async Task SendWholeAsync(CancellationToken cancellationToken)
    {
        FileStream file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            await objects.AskAsync(url, () => s3.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = url.Bucket,
                    Key = url.Key,
                    InputStream = file,
                    AutoCloseStream = false,
                    StreamTransferProgress = Told(),
                },
                cancellationToken)).ConfigureAwait(false);
        }
    }

    private async Task SendPartsAsync(string upload, long length, CancellationToken cancellationToken)
    {
        IReadOnlyList<(long Offset, long Bytes)> parts = FileParts.Of(length);
        var tags = new PartETag[parts.Count];
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = FileParts.AtOnce, CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, parts.Count, options, async (place, cancellation) =>
        {
            var request = new UploadPartRequest
            {
                BucketName = url.Bucket,
                Key = url.Key,
                UploadId = upload,
                PartNumber = place + 1,
                FilePath = path,
                FilePosition = parts[place].Offset,
                PartSize = parts[place].Bytes,
                StreamTransferProgress = Told(),
            };
            UploadPartResponse sent = await objects.AskAsync(url, () => s3.UploadPartAsync(request, cancellation))
                .ConfigureAwait(false);
            tags[place] = new PartETag(sent);
        }).ConfigureAwait(false);
        await objects.AskAsync(url, () => s3.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest
            {
                BucketName = url.Bucket, Key = url.Key, UploadId = upload, PartETags = [.. tags],
            },
            cancellationToken)).ConfigureAwait(false);
    }

    private async Task TakeBackAsync(string upload)
    {
        try
        {
            await s3.AbortMultipartUploadAsync(url.Bucket, url.Key, upload, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception e) when (StoreFaults.IsOne(e))
        {
            // What stopped the upload stops this too; stores remove what was begun and left.
            return;
        }
    }

    private EventHandler<StreamTransferProgressArgs>? Told() =>
        progress is null ? null : (_, moved) => progress.Report(moved.IncrementTransferred);
}
