using Lepton.Compute.Execution;
using Lepton.Core.Partitioning;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Sends each record to the partition that a partitioner gives its key.</summary>
internal sealed class PartitionMapper<T, TKey>(Func<T, TKey> key, IPartitioner<TKey> partitioner) : ShuffleMapper<T>
{
    public override void Map(IEnumerable<T> records, PartitionedFileWriter output, TaskContext context)
    {
        RecordCodec<T> codec = RecordCodec.For<T>();
        int count = partitioner.PartitionCount;
        foreach (T record in records)
        {
            int partition = partitioner.PartitionOf(key(record));
            if ((uint)partition >= (uint)count)
            {
                throw OutOfRange(partition);
            }

            RecordWriter buffer = output.BeginRecord(partition);
            codec.Write(buffer, record);
            output.EndRecord(partition, buffer);
        }
    }

    private InvalidOperationException OutOfRange(int partition) => new(
        $"{partitioner.GetType()} sent a key to partition {partition}, but it has the partitions 0 to " +
        $"{partitioner.PartitionCount - 1}. Correct its PartitionOf.");
}
