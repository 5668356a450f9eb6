using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Records in a file of one partition: runs of a sort, cached blocks, checkpoints.</summary>
internal static class RecordFile
{
    private const long BufferBytes = 1 << 20;

    /// <summary>Writes all records; the file is whole when this returns, and not there when it throws.</summary>
    /// <param name="path">The file.</param>
    /// <param name="records">The records.</param>
    /// <param name="durable">Whether to wait until it is on the disk, and would outlive a power cut.</param>
    /// <returns>The number of records.</returns>
    public static long Write<T>(string path, IEnumerable<T> records, bool durable = false)
    {
        RecordCodec<T> codec = RecordCodec.For<T>();
        using var file = new PartitionedFileWriter(path, 1, BufferBytes);
        foreach (T record in records)
        {
            file.Write(0, codec, record);
        }

        file.Complete(durable);
        return file.Records;
    }

    /// <summary>Reads them in order, a block at a time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="opened">The file, where it is open already; closed at the end.</param>
    public static IEnumerable<T> Read<T>(string path, PartitionedFileReader? opened = null)
    {
        using PartitionedFileReader reader = opened ?? new PartitionedFileReader(path, 0);
        var batch = new List<T>();
        foreach (ReadOnlyMemory<byte> block in reader.Blocks())
        {
            batch.Clear();
            Decode(block.Span, batch);
            foreach (T record in batch)
            {
                yield return record;
            }
        }
    }

    private static void Decode<T>(ReadOnlySpan<byte> block, List<T> batch)
    {
        RecordCodec<T> codec = RecordCodec.For<T>();
        var reader = new RecordReader(block);
        while (!reader.End)
        {
            batch.Add(codec.Read(ref reader));
        }
    }
}
