using Lepton.Compute.Execution;
using Lepton.Core.Partitioning;

namespace Lepton.Compute.Shuffle;

/// <summary>Sends each record to the range of keys that its key lies in.</summary>
internal sealed class RangeMapper<T, TKey>(Func<T, TKey> key, TKey[] upperBounds, IComparer<TKey> comparer)
    : ShuffleMapper<T>
{
    public override ShuffleSink<T> Open(PartitionedFileWriter output, TaskContext context)
    {
        // Made here and not on the driver: only the workers' order of keys counts.
        var ranges = new RangePartitioner<TKey>(upperBounds, comparer);
        return new PartitionMapper<T, TKey>(key, ranges).Open(output, context);
    }
}
