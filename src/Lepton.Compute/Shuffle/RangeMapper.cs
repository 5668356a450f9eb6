using Lepton.Compute.Execution;
using Lepton.Core.Partitioning;

namespace Lepton.Compute.Shuffle;

/// <summary>Sends each record to the range of keys that its key lies in.</summary>
internal sealed class RangeMapper<T,
    TKey>(Func<T, TKey> key, TKey[] upperBounds, IComparer<TKey> comparer) : ShuffleMapper<T>
{
    public override void Map(IEnumerable<T> records, PartitionedFileWriter output, TaskContext context)
    {
        // Made here and not on the driver: only the workers' order of keys counts.
        var ranges = new RangePartitioner<TKey>(upperBounds, comparer);
        new PartitionMapper<T, TKey>(key, ranges).Map(records, output, context);
    }
}
