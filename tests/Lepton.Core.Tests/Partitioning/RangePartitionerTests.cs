using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Partitioning;
using Lepton.Core.Randomness;

namespace Lepton.Core.Tests.Partitioning;

public sealed class RangePartitionerTests
{
    [Fact]
    public void PartitionOf_Bounds_AreTheLargestKeysOfTheirPartitions()
    {
        RangePartitioner<int> partitioner = new([10, 20]);
        Assert.Equal(3, partitioner.PartitionCount);
        Assert.Equal([0, 0, 1, 1, 2], new[] { -5, 10, 11, 20, 21 }.Select(partitioner.PartitionOf));
    }

    [Fact]
    public void FromSample_DistinctKeys_SharesThemOutEvenly()
    {
        int[] keys = [.. Enumerable.Range(0, 1000)];
        new SeededRandom(1).Shuffle(keys.AsSpan());
        RangePartitioner<int> partitioner = RangePartitioner.FromSample<int>(keys, 8);
        Assert.Equal([125, 125, 125, 125, 125, 125, 125, 125], Loads(partitioner, keys));
    }

    [Fact]
    public void FromSample_OneKeyWithMostRows_GetsAPartitionForItselfAndTheRestIsShared()
    {
        int[] keys = [.. Enumerable.Range(0, 200), .. Enumerable.Repeat(200, 600), .. Enumerable.Range(201, 200)];
        Assert.Equal([100, 100, 600, 100, 100], Loads(RangePartitioner.FromSample<int>(keys, 5), keys));
    }

    [Fact]
    public void FromSample_FewDifferentKeys_GivesFewerPartitions()
    {
        int[] keys = [1, 1, 1, 2, 2];
        Assert.Equal([3, 2], Loads(RangePartitioner.FromSample<int>(keys, 10), keys));
        Assert.Equal(1, RangePartitioner.FromSample<int>([], 10).PartitionCount);
        Assert.Equal(1, RangePartitioner.FromSample<int>([7, 7, 7], 10).PartitionCount);
    }

    [Fact]
    public void FromSample_AnySample_KeepsOrderAndIsNeverTwiceAsUnevenAsTheBest() =>
        Prop.ForAll(
            Gen.Choose(0, 30).ArrayOf().ToArbitrary(), Gen.Choose(1, 12).ToArbitrary(), (keys, count) =>
            {
                if (keys.Length == 0)
                {
                    return true;
                }

                RangePartitioner<int> partitioner = RangePartitioner.FromSample<int>(keys, count);
                int[] sorted = [.. keys.Order()];
                int[] partitions = [.. sorted.Select(partitioner.PartitionOf)];
                int[] loads = Loads(partitioner, keys);
                return partitions.SequenceEqual(partitions.Order())
                    && partitioner.PartitionCount <= count
                    && loads.Min() > 0
                    && loads.Max() <= 2 * BestMaxLoad(sorted, count);
            }).QuickCheckThrowOnFailure();

    [Fact]
    public void FromSample_SkewedSample_StaysCloseToTheBest()
    {
        SeededRandom random = new(5);
        int[] keys = [.. Enumerable.Range(0, 20_000).Select(_ => (int)(1 / (1 - random.NextDouble())))];
        int max = Loads(RangePartitioner.FromSample<int>(keys, 8), keys).Max();
        Assert.InRange(max, 1, 1.05 * BestMaxLoad([.. keys.Order()], 8));
    }

    [Fact]
    public void FromSample_Strings_AreOrderedOrdinally()
    {
        RangePartitioner<string> partitioner = RangePartitioner.FromSample<string>(["a", "B", "b", "A"], 2);
        Assert.Equal(["B"], partitioner.UpperBounds.ToArray());
        Assert.Equal(0, partitioner.PartitionOf("A"));
        Assert.Equal(1, partitioner.PartitionOf("a"));
    }

    [Fact]
    public void FromSample_OwnComparer_Decides()
    {
        IComparer<int> descending = Comparer<int>.Create((a, b) => b.CompareTo(a));
        RangePartitioner<int> partitioner = RangePartitioner.FromSample([1, 2, 3, 4], 2, descending);
        Assert.Equal([1, 1, 0, 0], new[] { 1, 2, 3, 4 }.Select(partitioner.PartitionOf));
    }

    [Fact]
    public void Constructor_BoundsThatDoNotAscend_SaysWhere()
    {
        ArgumentException fault = Assert.Throws<ArgumentException>(() => new RangePartitioner<int>([1, 5, 5]));
        Assert.Contains("Bound 2 (5) does not come after bound 1 (5)", fault.Message, StringComparison.Ordinal);
        Assert.Contains("by the same comparer", fault.Message, StringComparison.Ordinal);
    }

    private static int[] Loads(RangePartitioner<int> partitioner, int[] keys)
    {
        int[] loads = new int[partitioner.PartitionCount];
        foreach (int key in keys)
        {
            loads[partitioner.PartitionOf(key)]++;
        }

        return loads;
    }

    /// <summary>The least possible largest partition: by trying each limit, filling partitions up to it.</summary>
    private static int BestMaxLoad(int[] sorted, int count)
    {
        int[] groups = [.. sorted.GroupBy(key => key).OrderBy(group => group.Key).Select(group => group.Count())];
        for (int limit = Math.Max(groups.Max(), (sorted.Length + count - 1) / count); ; limit++)
        {
            int used = 1;
            int load = 0;
            foreach (int group in groups)
            {
                if (load + group > limit)
                {
                    used++;
                    load = 0;
                }

                load += group;
            }

            if (used <= count)
            {
                return limit;
            }
        }
    }
}
