using Lepton.Compute.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Deals records out to the partitions in turn; map partition i starts at partition i.</summary>
internal sealed class RoundRobinMapper<T>(int partitionCount) : ShuffleMapper<T>
{
    public override ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context) =>
        new Sink(output, context.Partition % partitionCount, partitionCount, context.Cancellation);

    private sealed class Sink(
        PartitionedFileWriter output, int first, int partitionCount, CancellationToken cancellation) : ShuffleSink<T>
    {
        private readonly RecordCodec<T> _codec = RecordCodec.For<T>();
        private int _partition = first;

        public override void Add(T record)
        {
            cancellation.ThrowIfCancellationRequested();
            output.Write(_partition, _codec, record);
            _partition = _partition + 1 == partitionCount ? 0 : _partition + 1;
        }
    }
}
