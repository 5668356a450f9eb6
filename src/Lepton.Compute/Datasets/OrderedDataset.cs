using Lepton.Compute.Plans;

namespace Lepton.Compute.Datasets;

/// <summary>A sorted data set, to which <c>ThenBy</c> may still add a key.</summary>
public sealed class OrderedDataset<T, TKey> : Dataset<T>
{
    internal OrderedDataset(Dataset<T> source, Func<T, TKey> key, IComparer<TKey> comparer, int? partitions)
        : base(Checked(source, key, partitions).Session, Sort(source, key, comparer, partitions))
    {
        Source = source;
        Key = key;
        Comparer = comparer;
        Partitions = partitions;
    }

    internal Dataset<T> Source { get; }

    internal Func<T, TKey> Key { get; }

    internal IComparer<TKey> Comparer { get; }

    internal int? Partitions { get; }

    private static SortNode<T, TKey> Sort(
        Dataset<T> source, Func<T, TKey> key, IComparer<TKey> comparer, int? partitions) =>
        new(source.Node, key, comparer, partitions, source.Session.NextId);

    private static Dataset<T> Checked(Dataset<T> source, Func<T, TKey> key, int? partitions)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(key);
        return partitions is < 1
            ? throw new ArgumentOutOfRangeException(
                nameof(partitions), partitions, "A data set has one partition or more.")
            : source;
    }
}
