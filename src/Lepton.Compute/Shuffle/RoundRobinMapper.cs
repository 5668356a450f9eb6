using Lepton.Compute.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Deals records out to the partitions in turn; map partition i starts at partition i.</summary>
internal sealed class RoundRobinMapper<T>(int partitionCount) : ShuffleMapper<T>
{
    public override void Map(IEnumerable<T> records, PartitionedFileWriter output, TaskContext context)
    {
        RecordCodec<T> codec = RecordCodec.For<T>();
        int partition = context.Partition % partitionCount;
        foreach (T record in records)
        {
            RecordWriter buffer = output.BeginRecord(partition);
            codec.Write(buffer, record);
            output.EndRecord(partition, buffer);
            partition = partition + 1 == partitionCount ? 0 : partition + 1;
        }
    }
}
