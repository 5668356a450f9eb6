using Lepton.Core.Durability;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Objects;

/// <summary>An object on its way into a file.</summary>
/// <param name="objects">Who asks.</param>
/// <param name="url">The object.</param>
/// <param name="path">The file.</param>
/// <param name="isResumed">Whether what came of a long object before a failure is kept, and gone on from.</param>
/// <param name="progress">Told of bytes that came; null: nobody.</param>
internal sealed class FileDownload(
    ObjectClient objects, ObjectUrl url, string path, bool isResumed, IProgress<long>? progress)
{
    private readonly BodyReader _reader = new(objects, url, progress);

    /// <returns>How many bytes of it were here already.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        ObjectInfo info = await objects.GetInfoAsync(url, cancellationToken).ConfigureAwait(false);
        string final = Path.GetFullPath(path);
        if (isResumed && info.Bytes > FileParts.Bytes)
        {
            return await ResumeAsync(info, final, cancellationToken).ConfigureAwait(false);
        }

        string temporary = Path.Combine(
            Path.GetDirectoryName(final)!, $".{Path.GetFileName(final)}.{Environment.ProcessId}.tmp");
        try
        {
            await FetchAsync(info, temporary, cancellationToken).ConfigureAwait(false);
            DurableFile.ReplaceAtomic(temporary, final);
            return 0;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private async Task<long> ResumeAsync(ObjectInfo info, string final, CancellationToken cancellationToken)
    {
        IReadOnlyList<(long Offset, long Bytes)> parts = FileParts.Of(info.Bytes);
        using PartialFile partial = PartialFile.Open(final, info, parts.Count);
        long there = Enumerable.Range(0, parts.Count).Where(partial.Has).Sum(part => parts[part].Bytes);
        progress?.Report(there);
        try
        {
            await ForEachAsync(
                Enumerable.Range(0, parts.Count).Where(part => !partial.Has(part)),
                async (part, cancellation) =>
                {
                    await FetchPartAsync(info, parts[part], partial.Handle, cancellation).ConfigureAwait(false);
                    partial.Keep(part);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectException e) when (e.Failure is ObjectFailure.Changed or ObjectFailure.NotFound)
        {
            // Nobody will ask for the rest of this version.
            File.Delete(partial.Path);
            throw;
        }

        partial.Finish(final);
        return there;
    }

    private async Task FetchAsync(ObjectInfo info, string temporary, CancellationToken cancellationToken)
    {
        using SafeFileHandle file = File.OpenHandle(
            temporary, FileMode.Create, FileAccess.Write, options: FileOptions.Asynchronous,
            preallocationSize: info.Bytes);
        await ForEachAsync(
            info.Bytes == 0 ? [] : FileParts.Of(info.Bytes),
            async (part, cancellation) => await FetchPartAsync(info, part, file, cancellation).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
    }

    private static Task ForEachAsync<TPart>(
        IEnumerable<TPart> parts, Func<TPart, CancellationToken, ValueTask> fetch, CancellationToken cancellationToken)
    {
        var options = new ParallelOptions
        {
            MaxDegreeOfParallelism = FileParts.AtOnce, CancellationToken = cancellationToken,
        };
        return Parallel.ForEachAsync(parts, options, fetch);
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
