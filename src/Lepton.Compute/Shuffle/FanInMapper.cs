using Lepton.Compute.Execution;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Sends all records of neighbouring partitions to one partition, so that their order is kept: one step of a tree.
/// </summary>
internal sealed class FanInMapper<T>(int fanIn) : ShuffleMapper<T>
{
    public override ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context) =>
        new Sink(output, context.Partition / fanIn, context.Cancellation);

    private sealed class Sink(PartitionedFileWriter output, int partition, CancellationToken cancellation)
        : ShuffleSink<T>
    {
        private readonly RecordCodec<T> _codec = RecordCodec.For<T>();

        public override void Add(T record)
        {
            cancellation.ThrowIfCancellationRequested();
            output.Write(partition, _codec, record);
        }
    }
}
