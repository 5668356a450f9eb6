using Lepton.Compute.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Sends all records of neighbouring partitions to one partition, so that their order is kept: one step of a
/// tree.</summary>
internal sealed class FanInMapper<T>(int fanIn) : ShuffleMapper<T>
{
    public override void Map(IEnumerable<T> records, PartitionedFileWriter output, TaskContext context)
    {
        RecordCodec<T> codec = RecordCodec.For<T>();
        int partition = context.Partition / fanIn;
        foreach (T record in records)
        {
            RecordWriter buffer = output.BeginRecord(partition);
            codec.Write(buffer, record);
            output.EndRecord(partition, buffer);
        }
    }
}
