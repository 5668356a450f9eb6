using System.IO.Pipelines;
using Lepton.Storage.Blocks;
using Lepton.Storage.Checksums;
using Lepton.Storage.Encryption;

namespace Lepton.Storage.Objects;

/// <summary>Stores bytes of an object anew: cut, or encrypted, otherwise than they are.</summary>
internal static class ContentCopy
{
    /// <summary>Reads and stores, both at once.</summary>
    /// <param name="contents">Where to.</param>
    /// <param name="reader">Where from.</param>
    /// <param name="range">The first byte, and how many.</param>
    /// <param name="kinds">The checksums to compute beside MD5.</param>
    /// <param name="key">With which the copy is encrypted; null for not at all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BlockException">Blocks can't be read, or not be stored.</exception>
    public static async Task<BlockUpload> StoreAsync(
        ContentStore contents, ObjectReader reader, (long From, long Length) range,
        IReadOnlyCollection<ChecksumKind> kinds, DataKey? key, CancellationToken cancellationToken)
    {
        Pipe pipe = new();
        Task reading = FillAsync(pipe.Writer, reader, range, cancellationToken);
        BlockUpload? stored = null;
        try
        {
            await using Stream source = pipe.Reader.AsStream();
            stored = await contents.StoreAsync(source, range.Length, kinds, key, cancellationToken)
                .ConfigureAwait(false);
            await reading.ConfigureAwait(false);
            return stored;
        }
        catch
        {
            // With the pipe's end closed it ends soon; until then it reads blocks that are pinned for it.
            stored?.Dispose();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    private static async Task FillAsync(
        PipeWriter writer, ObjectReader reader, (long From, long Length) range, CancellationToken cancellationToken)
    {
        Exception? fault = null;
        try
        {
            await reader.CopyAsync(range.From, range.Length, async bytes =>
            {
                FlushResult flushed = await writer.WriteAsync(bytes).ConfigureAwait(false);
                if (flushed.IsCompleted)
                {
                    throw new IOException("Nobody reads the source of the copy any more.");
                }
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // Told to the one who reads, and to the one who waits.
            fault = e;
            throw;
        }
        finally
        {
            await writer.CompleteAsync(fault).ConfigureAwait(false);
        }
    }
}
