using Lepton.Compute.Execution;
using Lepton.Compute.Shuffle;

namespace Lepton.Compute.Plans;

/// <summary>Sorts each partition; the ranges of the partitions follow one another.</summary>
internal sealed class SortNode<T, TKey>(
    ShuffleEdge edge, Func<T, TKey> key, IComparer<TKey> comparer, int partitions) : ShuffledNode<T>(partitions)
{
    public override string Label => "OrderBy";

    public override IReadOnlyList<ShuffleEdge> Inputs => [edge];

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        using var sorter = new ExternalSorter<T, TKey>(context, key, comparer);
        foreach (T record in edge.Open(context, partition).Records<T>())
        {
            sorter.Add(record);
        }

        foreach (T record in context.Watch(sorter.Drain()))
        {
            yield return record;
        }
    }
}
