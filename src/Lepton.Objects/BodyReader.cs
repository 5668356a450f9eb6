using System.Buffers;

namespace Lepton.Objects;

/// <summary>The bytes of an answer, as they come.</summary>
internal sealed class BodyReader(ObjectClient objects, ObjectUrl url, IProgress<long>? progress)
{
    private const int ChunkBytes = 1 << 18;

    /// <summary>Takes all that was asked for out of a stream.</summary>
    /// <param name="body">The answer's.</param>
    /// <param name="offset">Where in the object it begins.</param>
    /// <param name="end">Where it has to end.</param>
    /// <param name="write">Told where in the object a chunk belongs.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ObjectException">The answer ended early.</exception>
    public async Task ReadAsync(
        Stream body, long offset, long end, Func<ReadOnlyMemory<byte>, long, ValueTask> write,
        CancellationToken cancellationToken)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (long at = offset; at < end;)
            {
                int read = await objects.AskAsync(
                    url, () => body.ReadAsync(chunk, cancellationToken).AsTask()).ConfigureAwait(false);
                if (read == 0)
                {
                    throw new ObjectException($"{url}: the answer ended at byte {at} of {end}. Try again.");
                }

                await write(chunk.AsMemory(0, read), at).ConfigureAwait(false);
                progress?.Report(read);
                at += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }
}
