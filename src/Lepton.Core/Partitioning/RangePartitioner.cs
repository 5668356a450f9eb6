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
    /// <param name="comparer">The order of the keys; by default <see cref="DefaultOrder"/>.</param>
    public static RangePartitioner<TKey> FromSample<TKey>(
        ReadOnlySpan<TKey> sample, int partitionCountMax, IComparer<TKey>? comparer = null)
    {
        PartitionCounts.Checked(partitionCountMax);
        TKey[] sorted = sample.ToArray();
        IComparer<TKey> order = DefaultOrder.Or(comparer);
        sorted.AsSpan().Sort(order);
        TKey[] bounds = [.. Cuts(GroupSizes(sorted, order), partitionCountMax).Select(cut => sorted[cut - 1])];
        return new RangePartitioner<TKey>(bounds, comparer);
    }

    /// <summary>How often each different key comes, in order.</summary>
    private static int[] GroupSizes<TKey>(TKey[] sorted, IComparer<TKey> order)
    {
        List<int> sizes = [];
        int start = 0;
        for (int i = 1; i <= sorted.Length; i++)
        {
            if (i == sorted.Length || order.Compare(sorted[i - 1], sorted[i]) != 0)
            {
                sizes.Add(i - start);
                start = i;
            }
        }

        return [.. sizes];
    }

    /// <summary>The positions in the sorted sample where a partition ends and the next begins.</summary>
    private static List<int> Cuts(int[] groups, int partitionCountMax)
    {
        double heavy = HeavyLimit(groups, partitionCountMax);
        int heavyLeft = groups.Count(size => size > heavy);
        long lightLeft = groups.Where(size => size <= heavy).Sum(size => (long)size);
        long rowsLeft = groups.Sum(size => (long)size);
        List<int> cuts = [];
        int position = 0;
        int group = 0;
        while (group < groups.Length && cuts.Count < partitionCountMax - 1)
        {
            // Each partition aims at an even share of what is left, so what one takes too much the others make up for.
            int partitionsLeft = partitionCountMax - cuts.Count;
            double share = partitionsLeft > heavyLeft
                ? (double)lightLeft / (partitionsLeft - heavyLeft)
                : (double)rowsLeft / partitionsLeft;
            int load = 0;
            do
            {
                int size = groups[group++];
                load += size;
                heavyLeft -= size > heavy ? 1 : 0;
                lightLeft -= size > heavy ? 0 : size;
            }
            while (group < groups.Length && load + groups[group] - share <= share - load);

            rowsLeft -= load;
            position += load;
            if (group < groups.Length)
            {
                cuts.Add(position);
            }
        }

        return cuts;
    }

    /// <summary>
    /// The size above which a group of equal keys fills a partition of its own: the share of the groups that don't.
    /// </summary>
    private static double HeavyLimit(int[] groups, int partitionCountMax)
    {
        double limit = double.PositiveInfinity;
        while (true)
        {
            long light = groups.Where(size => size <= limit).Sum(size => (long)size);
            double share = (double)light / (partitionCountMax - groups.Count(size => size > limit));
            if (!groups.Any(size => size <= limit && size > share))
            {
                return limit;
            }

            limit = share;
        }
    }
}
