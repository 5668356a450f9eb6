using Lepton.Compute.Execution;
using Lepton.Core.Partitioning;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Sends each record of one side of a join to the partition of its key. A null key has no partner to meet, and often
/// many records: they are dealt out to the partitions in turn, or left out where the join doesn't give them.
/// </summary>
internal sealed class JoinMapper<T, TKey>(Func<T, TKey> key, int partitionCount, bool keepsNullKeys) : ShuffleMapper<T>
{
    public override ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context) =>
        new Sink(key, partitionCount, keepsNullKeys, output, context);

    private sealed class Sink(
        Func<T, TKey> key, int partitionCount, bool keepsNullKeys, PartitionedFileWriter output, TaskContext context)
        : ShuffleSink<T>
    {
        private readonly RecordCodec<T> _codec = RecordCodec.For<T>();
        private readonly HashPartitioner<TKey> _partitioner = new(partitionCount);
        private int _nullPartition = context.Partition % partitionCount;

        public override void Add(T record)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            TKey recordKey = key(record);
            if (recordKey is not null)
            {
                output.Write(_partitioner.PartitionOf(recordKey), _codec, record);
            }
            else if (keepsNullKeys)
            {
                output.Write(_nullPartition, _codec, record);
                _nullPartition = _nullPartition + 1 == partitionCount ? 0 : _nullPartition + 1;
            }
        }
    }
}
