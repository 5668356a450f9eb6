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
        foreach (T record in records)
        {
            int partition = partitioner.PartitionOf(key(record));
            RecordWriter buffer = output.BeginRecord(partition);
            codec.Write(buffer, record);
            output.EndRecord(partition, buffer);
        }
    }
}
