using Lepton.Compute.Plans;

namespace Lepton.Compute.Datasets;

/// <summary>A data set that is about to be sorted; <c>ThenBy</c> may still add a key. It converts to a data set.</summary>
public sealed class OrderedDataset<T, TKey>
{
    private readonly Lazy<Dataset<T>> _sorted;

    internal OrderedDataset(Dataset<T> source, Func<T, TKey> key, IComparer<TKey> comparer, int? partitions)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(key);
        if (partitions is < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(partitions), partitions, "A data set has one partition or more.");
        }

        Source = source;
        Key = key;
        Comparer = comparer;
        Partitions = partitions;
        _sorted = new Lazy<Dataset<T>>(() => source.With(
            new SortNode<T, TKey>(source.Node, key, comparer, partitions, source.Session.NextId)));
    }

    internal Dataset<T> Source { get; }

    internal Func<T, TKey> Key { get; }

    internal IComparer<TKey> Comparer { get; }

    internal int? Partitions { get; }

    /// <summary>The sorted data set.</summary>
    public Dataset<T> ToDataset() => _sorted.Value;

    /// <summary>The sorted data set.</summary>
    public static implicit operator Dataset<T>(OrderedDataset<T, TKey> ordered)
    {
        ArgumentNullException.ThrowIfNull(ordered);
        return ordered.ToDataset();
    }
}
