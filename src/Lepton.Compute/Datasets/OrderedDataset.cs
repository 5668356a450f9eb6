using Lepton.Compute.Plans;

namespace Lepton.Compute.Datasets;

/// <summary>A sorted data set, to which <c>ThenBy</c> may still add a key.</summary>
public sealed class OrderedDataset<T, TKey> : Dataset<T>
{
    internal OrderedDataset(Dataset<T> source, Func<T, TKey> key, IComparer<TKey> comparer, int? partitions)
        : base(source.Session, new SortNode<T, TKey>(source.Node, key, comparer, partitions, source.Session.NextId))
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
}
