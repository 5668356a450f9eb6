using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects;

/// <summary>A file on its way to a store.</summary>
internal sealed class FileUpload(
    ObjectClient objects, AmazonS3Client s3, string path, ObjectUrl url, IProgress<long>? progress)
{
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        FileStream file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            if (!file.CanSeek)
            {
                // A pipe with a name, as a shell makes of <(command).
                return await new StreamUpload(objects, s3, file, url, progress).RunAsync(cancellationToken)
                    .ConfigureAwait(false);
            }

            long length = file.Length;
            if (length <= FileParts.Bytes)
            {
                await SendWholeAsync(file, cancellationToken).ConfigureAwait(false);
                return length;
            }

            await MultipartUpload.RunAsync(
                objects, s3, url, upload => SendPartsAsync(upload, length, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            return length;
        }
    }

    private async Task SendWholeAsync(FileStream file, CancellationToken cancellationToken) =>
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

    private async Task SendPartsAsync(MultipartUpload upload, long length, CancellationToken cancellationToken)
    {
        IReadOnlyList<(long Offset, long Bytes)> parts = FileParts.Of(length);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = FileParts.AtOnce, CancellationToken = cancellationToken,
        };
        await Parallel.ForAsync(0, parts.Count, options, async (place, cancellation) =>
        {
            var request = new UploadPartRequest
            {
                PartNumber = place + 1,
                FilePath = path,
                FilePosition = parts[place].Offset,
                PartSize = parts[place].Bytes,
                StreamTransferProgress = Told(),
            };
            await upload.SendAsync(request, cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private EventHandler<StreamTransferProgressArgs>? Told() =>
        progress is null ? null : (_, moved) => progress.Report(moved.IncrementTransferred);
}
