using System.Buffers;
using System.Runtime.CompilerServices;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects;

/// <summary>What comes out of a stream, of a length that nobody knows, on its way to a store.</summary>
/// <remarks>
/// Holds one part in memory for each that is on its way. Buffers of what failed are not given back: a read that nobody
/// waits for any more may still write into one.
/// </remarks>
internal sealed class StreamUpload(
    ObjectClient objects, AmazonS3Client s3, Stream content, ObjectUrl url, IProgress<long>? progress)
{
    private const int PartBytes = (int)FileParts.Bytes;
    private long _bytes;

    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        (byte[] Bytes, int Count) first = await ReadPartAsync(cancellationToken).ConfigureAwait(false);
        if (first.Count < PartBytes)
        {
            await objects.PutAsync(url, first.Bytes.AsMemory(0, first.Count), cancellationToken).ConfigureAwait(false);
            progress?.Report(first.Count);
            ArrayPool<byte>.Shared.Return(first.Bytes);
            return _bytes;
        }

        await MultipartUpload.RunAsync(
            objects, s3, url, upload => SendPartsAsync(upload, first, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return _bytes;
    }

    private async Task SendPartsAsync(
        MultipartUpload upload, (byte[] Bytes, int Count) first, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = FileParts.AtOnce, CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(PartsAsync(first, cancellationToken), options, async (part, cancellation) =>
        {
            using var bytes = new MemoryStream(part.Bytes, 0, part.Count, writable: false);
            await upload.SendAsync(
                new UploadPartRequest { PartNumber = part.Number, InputStream = bytes, PartSize = part.Count },
                cancellation).ConfigureAwait(false);
            progress?.Report(part.Count);
            ArrayPool<byte>.Shared.Return(part.Bytes);
        }).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<(int Number, byte[] Bytes, int Count)> PartsAsync(
        (byte[] Bytes, int Count) part, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (int number = 1; part.Count > 0; number++)
        {
            if (number > FileParts.PartsMax)
            {
                throw new ObjectException(
                    $"{url}: what comes is longer than {(long)FileParts.PartsMax * PartBytes >> 30} GiB, which no " +
                    "upload of unknown length may be. Write it to a file first, and put that.");
            }

            yield return (number, part.Bytes, part.Count);
            part = part.Count < PartBytes
                ? ([], 0)
                : await ReadPartAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(byte[] Bytes, int Count)> ReadPartAsync(CancellationToken cancellationToken)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(PartBytes);
        int count = 0;
        while (count < PartBytes)
        {
            // A pipe's read ends when its writer likes: it is left behind when the caller won't wait, with the buffer.
            int read = await content.ReadAsync(bytes.AsMemory(count, PartBytes - count), cancellationToken).AsTask()
                .WaitAsync(cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            count += read;
        }

        _bytes += count;
        return (bytes, count);
    }
}
