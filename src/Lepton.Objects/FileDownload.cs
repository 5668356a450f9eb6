using System.Buffers;
using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Objects;

/// <summary>An object on its way into a file.</summary>
internal sealed class FileDownload(ObjectClient objects, ObjectUrl url, string path, IProgress<long>? progress)
{
    private const int ChunkBytes = 1 << 18;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ObjectInfo info = await objects.FindAsync(url, cancellationToken).ConfigureAwait(false)
            ?? throw new ObjectException($"{url}: there is no such object.") { IsNotFound = true };
        string final = Path.GetFullPath(path);
        string temporary = Path.Combine(
            Path.GetDirectoryName(final)!, $".{Path.GetFileName(final)}.{Environment.ProcessId}.tmp");
        try
        {
            await FetchAsync(info, temporary, cancellationToken).ConfigureAwait(false);
            DurableFile.ReplaceAtomic(temporary, final);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private async Task FetchAsync(ObjectInfo info, string temporary, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(
            temporary, FileMode.Create, FileAccess.Write, options: FileOptions.Asynchronous,
            preallocationSize: info.Bytes);
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = FileParts.AtOnce, CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            info.Bytes == 0 ? [] : FileParts.Of(info.Bytes), options,
            async (part, cancellation) => await FetchPartAsync(info, part, file, cancellation).ConfigureAwait(false))
            .ConfigureAwait(false);
    }

    private async Task FetchPartAsync(
        ObjectInfo info, (long Offset, long Bytes) part, SafeFileHandle file, CancellationToken cancellationToken)
    {
        Stream stream = await objects.OpenAsync(url, part.Offset, part.Bytes, info.ETag, cancellationToken)
            .ConfigureAwait(false);
        await using var disposal = stream.ConfigureAwait(false);
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long done = 0;
            while (done < part.Bytes)
            {
                int read = await objects.AskAsync(
                    url, () => stream.ReadAsync(chunk, cancellationToken).AsTask()).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new ObjectException(
                        $"{url}: the answer ended at byte {part.Offset + done} of {info.Bytes}. Try again.");
                }

                await RandomAccess.WriteAsync(
                    file, chunk.AsMemory(0, read), part.Offset + done, cancellationToken).ConfigureAwait(false);
                progress?.Report(read);
                done += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
