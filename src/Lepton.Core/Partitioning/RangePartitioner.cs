namespace Lepton.Core.Partitioning;

/// <summary>Makes range partitioners from samples.</summary>
public static class RangePartitioner
{
    /// <summary>
    /// Chooses bounds that share out a sample evenly. Keys that are equal stay together, so a key that holds more
    /// than its share gets a partition for itself and the rest of the sample is shared out over the others. O(n log
    /// n).
    /// </summary>
    /// <param name="sample">
    /// Keys, in any order, repeated as often as they were met. May be empty: one partition then.
    /// </param>
    /// <param name="partitionCountMax">
    /// Partitions wanted, at least 1. There are fewer where the sample has not that many different keys.
    /// </param>
    /// <param name="comparer">The order of the keys; by default ordinal for strings, else the type's own.</param>
    public static RangePartitioner<TKey> FromSample<TKey>(
        ReadOnlySpan<TKey> sample, int partitionCountMax, IComparer<TKey>? comparer = null)
    {
        PartitionCounts.Checked(partitionCountMax);
        TKey[] sorted = sample.ToArray();
        IComparer<TKey> order = KeyOrder.Of(comparer);
        sorted.AsSpan().Sort(order);
        List<TKey> bounds = [];
        int start = 0;
        while (start < sorted.Length && bounds.Count < partitionCountMax - 1)
        {
            // Each partition aims at an even share of what is left, so what one takes too much the others make up for.
            double share = (double)(sorted.Length - start) / (partitionCountMax - bounds.Count);
            int end = GroupEnd(sorted, start, order);
            while (end < sorted.Length)
            {
                int next = GroupEnd(sorted, end, order);
                if (next - start - share > share - (end - start))
                {
                    break;
                }

                end = next;
            }

            if (end == sorted.Length)
            {
                break;
            }

            bounds.Add(sorted[end - 1]);
            start = end;
        }

        return new RangePartitioner<TKey>([.. bounds], comparer);
    }

    /// <summary>
    /// Where the run of keys equal to the one at <paramref name="start"/> ends: doubling steps, then halving.
    /// </summary>
    private static int GroupEnd<TKey>(TKey[] sorted, int start, IComparer<TKey> order)
    {
        int step = 1;
        while (start + step < sorted.Length && order.Compare(sorted[start + step], sorted[start]) == 0)
        {
            step *= 2;
        }

        int low = start + (step / 2) + 1;
        int high = Math.Min(start + step, sorted.Length);
        if (step == 1)
        {
            return high;
        }

        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (order.Compare(sorted[middle], sorted[start]) == 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
