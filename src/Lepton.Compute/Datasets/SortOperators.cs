using Lepton.Compute.Functions;
using Lepton.Compute.Plans;
using Lepton.Compute.Shuffle;
using Lepton.Core.Partitioning;

namespace Lepton.Compute.Datasets;

/// <summary>
/// Sorting. It is stable, and total: the partitions of the result follow one another. Strings sort by their UTF-16
/// code units, in tuples and key-value pairs too, unless a comparer says otherwise; a type with an IComparable of its
/// own sorts by that.
/// </summary>
public static class SortOperators
{
    /// <summary>Sorts by a key, ascending.</summary>
    /// <exception cref="ArgumentException">The key's type has no order, and no comparer is given.</exception>
    /// <param name="source">The records.</param>
    /// <param name="key">A record's key.</param>
    /// <param name="comparer">The keys' order; sent to the workers. Null for the default one.</param>
    /// <param name="partitions">Partitions of the result; by default as many as the source has, at most 256.</param>
    public static OrderedDataset<T, TKey> OrderBy<T, TKey>(
        this Dataset<T> source, Func<T, TKey> key, IComparer<TKey>? comparer = null, int? partitions = null) =>
        Sorted(source, key, Ascending(comparer), partitions);

    /// <summary>Sorts by a key, descending; records with equal keys keep their order.</summary>
    public static OrderedDataset<T, TKey> OrderByDescending<T, TKey>(
        this Dataset<T> source, Func<T, TKey> key, IComparer<TKey>? comparer = null, int? partitions = null) =>
        Sorted(source, key, Descending(comparer), partitions);

    /// <summary>Sorts records with equal keys by a second key.</summary>
    public static OrderedDataset<T, KeyValuePair<TKey, TNext>> ThenBy<T, TKey, TNext>(
        this OrderedDataset<T, TKey> source, Func<T, TNext> key, IComparer<TNext>? comparer = null) =>
        Then(source, key, Ascending(comparer));

    /// <summary>Sorts records with equal keys by a second key, descending.</summary>
    public static OrderedDataset<T, KeyValuePair<TKey, TNext>> ThenByDescending<T, TKey, TNext>(
        this OrderedDataset<T, TKey> source, Func<T, TNext> key, IComparer<TNext>? comparer = null) =>
        Then(source, key, Descending(comparer));

    private static OrderedDataset<T, TKey> Sorted<T, TKey>(
        Dataset<T> source, Func<T, TKey> key, IComparer<TKey> comparer, int? partitions)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(key);
        PartitionCounts.Check(partitions);
        return new OrderedDataset<T, TKey>(source, key, comparer, partitions);
    }

    private static OrderedDataset<T, KeyValuePair<TKey, TNext>> Then<T, TKey, TNext>(
        OrderedDataset<T, TKey> source, Func<T, TNext> next, IComparer<TNext> comparer)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(next);
        Func<T, TKey> first = source.Key;
        return new OrderedDataset<T, KeyValuePair<TKey, TNext>>(
            source.Source,
            record => new KeyValuePair<TKey, TNext>(first(record), next(record)),
            new PairComparer<TKey, TNext>(source.Comparer, comparer),
            source.Partitions);
    }

    private static IComparer<TKey> Ascending<TKey>(IComparer<TKey>? comparer) =>
        comparer ?? Default<TKey>(descending: false);

    private static IComparer<TKey> Descending<TKey>(IComparer<TKey>? comparer) =>
        comparer is null ? Default<TKey>(descending: true) : new ReversedComparer<TKey>(comparer);

    private static KeyComparer<TKey> Default<TKey>(bool descending)
    {
        if (DefaultOrder.FirstWithout(typeof(TKey)) is { } type)
        {
            string within = type == typeof(TKey) ? "" : $", which is part of {TypeText.Short(typeof(TKey))},";
            string name = TypeText.Short(type);
            throw new ArgumentException(
                $"Keys can't be sorted: {name}{within} has no order, since it implements neither IComparable<{name}> " +
                "nor IComparable. Sort by one of its members, or give a comparer.");
        }

        return new KeyComparer<TKey>(descending);
    }
}
