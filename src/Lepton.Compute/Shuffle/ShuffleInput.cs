using System.Net;
using Lepton.Compute.Execution;
using Lepton.Compute.Protocol;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// The reduce side's view of a shuffle: all records of one partition, in the order of the map partitions, whichever
/// finished first.
/// </summary>
internal sealed class ShuffleInput(TaskContext context, int shuffleId, int partition)
{
    /// <summary>The records, one at a time.</summary>
    public IEnumerable<T> Records<T>()
    {
        foreach (ArraySegment<T> batch in Batches<T>())
        {
            for (int i = 0; i < batch.Count; i++)
            {
                yield return batch.Array![i];
            }
        }
    }

    /// <summary>The records, a block at a time. The array is reused for the next batch.</summary>
    public IEnumerable<ArraySegment<T>> Batches<T>()
    {
        RecordCodec<T> codec = RecordCodec.For<T>();
        T[] batch = new T[256];
        IReadOnlyList<OutputLocation> outputs = context.ShuffleOutputs(shuffleId);
        for (int map = 0; map < outputs.Count; map++)
        {
            foreach (ReadOnlyMemory<byte> block in Blocks(outputs[map], map))
            {
                context.Cancellation.ThrowIfCancellationRequested();
                context.Metrics.ShuffleReadBytes += block.Length;
                int count = Decode(codec, block.Span, ref batch);
                yield return new ArraySegment<T>(batch, 0, count);
            }
        }
    }

    private static int Decode<T>(RecordCodec<T> codec, ReadOnlySpan<byte> block, ref T[] batch)
    {
        var reader = new RecordReader(block);
        int count = 0;
        while (!reader.End)
        {
            if (count == batch.Length)
            {
                Array.Resize(ref batch, count * 2);
            }

            batch[count++] = codec.Read(ref reader);
        }

        return count;
    }

    private IEnumerable<ReadOnlyMemory<byte>> Blocks(OutputLocation output, int map)
    {
        IEnumerator<ReadOnlyMemory<byte>>? blocks = null;
        try
        {
            while (true)
            {
                ReadOnlyMemory<byte> block;
                try
                {
                    blocks ??= Open(output, map);
                    if (!blocks.MoveNext())
                    {
                        break;
                    }

                    block = blocks.Current;
                }
                catch (Exception e) when (IsFailedFetch(e))
                {
                    throw new ShuffleFetchException(shuffleId, map, $"{output.Worker} wrote it. {e.Message}", e);
                }

                yield return block;
            }
        }
        finally
        {
            blocks?.Dispose();
        }
    }

    // An HTTP client that gives up by itself, as when nobody answers a connect, calls it a cancellation.
    private bool IsFailedFetch(Exception e) =>
        e is IOException or CorruptRecordException or UnauthorizedAccessException or WebException
            or HttpRequestException
        || (e is OperationCanceledException && !context.Cancellation.IsCancellationRequested);

    private IEnumerator<ReadOnlyMemory<byte>> Open(OutputLocation output, int map)
    {
        if (output.Path.Length == 0)
        {
            throw new ShuffleFetchException(shuffleId, map, "its worker is lost");
        }

        return context.Scope.RemoteBlocks is { } remote
            ? remote.Read(output, partition, context.Cancellation).GetEnumerator()
            : LocalBlocks(output.Path).GetEnumerator();
    }

    private IEnumerable<ReadOnlyMemory<byte>> LocalBlocks(string path)
    {
        using var reader = new PartitionedFileReader(path, partition);
        foreach (ReadOnlyMemory<byte> block in reader.Blocks())
        {
            yield return block;
        }
    }
}
