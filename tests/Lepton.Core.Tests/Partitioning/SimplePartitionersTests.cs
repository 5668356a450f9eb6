using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Hashing;
using Lepton.Core.Partitioning;

namespace Lepton.Core.Tests.Partitioning;

public sealed class SimplePartitionersTests
{
    [Fact]
    public void HashPartitioner_AnyKey_IsHighBitsOfItsHash() => Prop.ForAll<string?, int>((key, count) =>
    {
        int partitions = (Math.Abs(count) % 1000) + 1;
        int expected = (int)(((UInt128)StableHash.Of(key) * (uint)partitions) >> 64);
        return new HashPartitioner<string?>(partitions).PartitionOf(key) == expected && expected < partitions;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void HashPartitioner_SequentialKeys_FillsPartitionsEvenly()
    {
        HashPartitioner<long> partitioner = new(7);
        int[] counts = new int[7];
        for (long key = 0; key < 70_000; key++)
        {
            counts[partitioner.PartitionOf(key)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 9_600, 10_400));
    }

    [Fact]
    public void RoundRobinPartitioner_Positions_TakeTurnsFromTheOffset()
    {
        RoundRobinPartitioner partitioner = new(3, offset: 5);
        Assert.Equal(3, partitioner.PartitionCount);
        Assert.Equal([2, 0, 1, 2, 0], new long[] { 0, 1, 2, 3, 4 }.Select(partitioner.PartitionOf));
        RoundRobinPartitioner huge = new(int.MaxValue, int.MaxValue);
        Assert.InRange(huge.PartitionOf(long.MaxValue), 0, int.MaxValue - 1);
    }

    [Fact]
    public void RoundRobinPartitioner_ManyShortSources_FillPartitionsEvenly()
    {
        int[] counts = new int[8];
        for (int source = 0; source < 80; source++)
        {
            RoundRobinPartitioner partitioner = new(8, source);
            for (long row = 0; row < 3; row++)
            {
                counts[partitioner.PartitionOf(row)]++;
            }
        }

        Assert.All(counts, count => Assert.Equal(30, count));
    }

    [Fact]
    public void RoundRobinPartitioner_NegativeInput_SaysWhatIsWrong()
    {
        Assert.Contains(
            "give the index of the source",
            Assert.Throws<ArgumentOutOfRangeException>(() => new RoundRobinPartitioner(3, -1)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "positions count from 0",
            Assert.Throws<ArgumentOutOfRangeException>(() => new RoundRobinPartitioner(3).PartitionOf(-1)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Md5Partitioner_OneToTenOverThree_IsTheKnownSequence()
    {
        Md5Partitioner<int> partitioner = new(3);
        Assert.Equal([1, 0, 1, 2, 0, 0, 0, 2, 2, 0], Enumerable.Range(1, 10).Select(partitioner.PartitionOf));
        Md5Partitioner<string> ofText = new(3);
        Assert.Equal(
            Enumerable.Range(1, 10).Select(partitioner.PartitionOf),
            Enumerable.Range(1, 10).Select(i => ofText.PartitionOf($"{i}")));
    }

    /// <summary>int(hashlib.md5(str(value).encode()).hexdigest(), 16) % 1000003 in Python 3.</summary>
    [Fact]
    public void Md5Partitioner_OtherTexts_EqualPythons()
    {
        Assert.Equal(784103, new Md5Partitioner<double>(1000003).PartitionOf(-1.5));
        Assert.Equal(960016, new Md5Partitioner<bool>(1000003).PartitionOf(true));
        Assert.Equal(443224, new Md5Partitioner<string>(1000003).PartitionOf("naïve ☃"));
        Assert.Equal(575701, new Md5Partitioner<string>(1000003).PartitionOf(new string('é', 300)));
        Assert.Equal(94608, new Md5Partitioner<string>(1000003).PartitionOf(""));
        Assert.Equal(646409, new Md5Partitioner<char>(1000003).PartitionOf('x'));
    }

    [Fact]
    public void Md5Partitioner_KeyWithoutText_SaysWhatToDo()
    {
        ArgumentException noText =
            Assert.Throws<ArgumentException>(() => new Md5Partitioner<int[]>(3).PartitionOf([1]));
        Assert.Contains("System.Int32[] has no culture-independent text", noText.Message, StringComparison.Ordinal);
        Assert.Contains("HashPartitioner", noText.Message, StringComparison.Ordinal);
        Assert.Contains(
            "Drop rows without a key",
            Assert.Throws<ArgumentException>(() => new Md5Partitioner<string?>(3).PartitionOf(null)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Partitioners_CountBelowOne_SayWhatIsWrong()
    {
        Action[] makers =
        [
            () => _ = new HashPartitioner<int>(0),
            () => _ = new RoundRobinPartitioner(0),
            () => _ = new Md5Partitioner<int>(0),
            () => RangePartitioner.FromSample<int>([1], 0),
        ];
        foreach (Action make in makers)
        {
            ArgumentOutOfRangeException fault = Assert.Throws<ArgumentOutOfRangeException>(make);
            Assert.Contains("is 0: it must be at least 1", fault.Message, StringComparison.Ordinal);
        }
    }
}
