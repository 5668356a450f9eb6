using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Objects;

/// <summary>An object on its way into a file.</summary>
internal sealed class FileDownload(ObjectClient objects, ObjectUrl url, string path, IProgress<long>? progress)
{
    private readonly BodyReader _reader = new(objects, url, progress);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        ObjectInfo info = await objects.GetInfoAsync(url, cancellationToken).ConfigureAwait(false);
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
        Stream body = await objects.OpenAsync(url, part.Offset, part.Bytes, info.ETag, cancellationToken)
            .ConfigureAwait(false);
        await using var disposal = body.ConfigureAwait(false);
        await _reader.ReadAsync(
            body, part.Offset, part.Offset + part.Bytes,
            (chunk, at) => RandomAccess.WriteAsync(file, chunk, at, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }
}
