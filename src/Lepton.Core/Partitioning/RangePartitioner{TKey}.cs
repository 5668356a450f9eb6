namespace Lepton.Core.Partitioning;

/// <summary>
/// Splits the keys' order into ranges: partition 0 has the smallest keys, so partitions sorted one by one are sorted
/// all together. Make one with <see cref="RangePartitioner.FromSample{TKey}"/>, or from bounds.
/// </summary>
public sealed class RangePartitioner<TKey> : IPartitioner<TKey>
{
    private readonly TKey[] _upperBounds;
    private readonly IComparer<TKey>? _comparer;

    /// <summary>A partitioner with one partition more than there are bounds.</summary>
    /// <param name="upperBounds">The largest key of each partition but the last, strictly ascending.</param>
    /// <param name="comparer">The order of the keys; by default <see cref="DefaultOrder"/>.</param>
    /// <exception cref="ArgumentException">The bounds do not ascend.</exception>
    public RangePartitioner(ReadOnlySpan<TKey> upperBounds, IComparer<TKey>? comparer = null)
    {
        IComparer<TKey> order = DefaultOrder.Or(comparer);
        for (int i = 1; i < upperBounds.Length; i++)
        {
            if (order.Compare(upperBounds[i - 1], upperBounds[i]) >= 0)
            {
                throw new ArgumentException(
                    $"Bound {i} ({upperBounds[i]}) does not come after bound {i - 1} ({upperBounds[i - 1]}): " +
                    "the upper bounds of ranges must ascend, each one once. Sort them by the same comparer and drop " +
                    "repeats.",
                    nameof(upperBounds));
            }
        }

        _upperBounds = upperBounds.ToArray();
        _comparer = comparer;
    }

    /// <inheritdoc/>
    public int PartitionCount => _upperBounds.Length + 1;

    /// <summary>The largest key of each partition but the last.</summary>
    public ReadOnlySpan<TKey> UpperBounds => _upperBounds;

    /// <summary>The first partition whose upper bound is not below <paramref name="key"/>. O(log partitions).</summary>
    public int PartitionOf(TKey key)
    {
        int found = _upperBounds.AsSpan().BinarySearch(key, DefaultOrder.Or(_comparer));
        return found >= 0 ? found : ~found;
    }
}
