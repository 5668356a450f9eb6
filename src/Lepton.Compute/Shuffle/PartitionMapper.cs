using Lepton.Compute.Execution;
using Lepton.Core.Partitioning;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>Sends each record to the partition that a partitioner gives its key.</summary>
internal sealed class PartitionMapper<T, TKey>(Func<T, TKey> key, IPartitioner<TKey> partitioner) : ShuffleMapper<T>
{
    public override ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context) =>
        new Sink(key, partitioner, output, context.Cancellation);

    private sealed class Sink(
        Func<T, TKey> key, IPartitioner<TKey> partitioner, PartitionedFileWriter output,
        CancellationToken cancellation) : ShuffleSink<T>
    {
        private readonly RecordCodec<T> _codec = RecordCodec.For<T>();
        private readonly int _partitionCount = partitioner.PartitionCount;

        public override void Add(T record)
        {
            cancellation.ThrowIfCancellationRequested();
            int partition = partitioner.PartitionOf(key(record));
            if ((uint)partition >= (uint)_partitionCount)
            {
                throw OutOfRange(partition);
            }

            output.Write(partition, _codec, record);
        }

        private InvalidOperationException OutOfRange(int partition) => new(
            $"{partitioner.GetType()} sent a key to partition {partition}, but it has the partitions 0 to " +
            $"{_partitionCount - 1}. Correct its PartitionOf.");
    }
}
