using Lepton.Compute.Execution;
using Lepton.Core.Partitioning;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Deals records out to the partitions in turn; map partition i starts at partition i.</summary>
internal sealed class RoundRobinMapper<T>(int partitionCount) : ShuffleMapper<T>
{
    public override ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context) =>
        new Sink(output, new RoundRobinPartitioner(partitionCount, context.Partition), context.Cancellation);

    private sealed class Sink(
        PartitionedFileWriter output, RoundRobinPartitioner partitioner, CancellationToken cancellation)
        : ShuffleSink<T>
    {
        private readonly RecordCodec<T> _codec = RecordCodec.For<T>();
        private long _position;

        public override void Add(T record)
        {
            cancellation.ThrowIfCancellationRequested();
            output.Write(partitioner.PartitionOf(_position++), _codec, record);
        }
    }
}
