using FsCheck.Fluent;
using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;
using Lepton.Core.Partitioning;
using static Lepton.Compute.Tests.Datasets.DatasetExtensions;

namespace Lepton.Compute.Tests.Datasets;

/// <summary>Each operator equals its twin in LINQ, for any records in any number of partitions.</summary>
public sealed class OperatorTests(ThreadsSession threads) : IClassFixture<ThreadsSession>
{
    private const int Tries = 12;
    private readonly LeptonSession _session = threads.Session;

    private sealed record Person(string? Name, int Age);

    private sealed record Pupil(string? Name, int Age, double[]? Marks = null);

    [Fact]
    public void Select_Any_EqualsLinq() => Prop.ForAll<int[], int>((items, p) =>
        _session.In(items, p).Select(i => $"<{i}>").Collect().SequenceEqual(items.Select(i => $"<{i}>"))).Holds(Tries);

    [Fact]
    public void Where_Any_EqualsLinq() => Prop.ForAll<string?[], int>((items, p) =>
        _session.In(items, p).Where(s => s?.Length % 2 == 1).Collect()
            .SequenceEqual(items.Where(s => s?.Length % 2 == 1))).Holds(Tries);

    [Fact]
    public void SelectMany_Any_EqualsLinq() => Prop.ForAll<byte[], int>((items, p) =>
        _session.In(items, p).SelectMany(b => Enumerable.Range(0, b % 5)).Collect()
            .SequenceEqual(items.SelectMany(b => Enumerable.Range(0, b % 5)))
        && _session.In(items, p).SelectMany(b => new int[b % 3]).Collect().Count == items.Sum(b => b % 3)).Holds(Tries);

    [Fact]
    public void NarrowOperators_BeforeAShuffle_EqualLinq() => Prop.ForAll<int[], int>((items, p) =>
    {
        Dataset<int> source = _session.In(items, p).Named("pushed");
        return source.Select(i => i % 10).Where(i => i != 3).SelectMany(i => new[] { i, -i })
            .Union(source.SelectMany(i => Enumerable.Repeat(i, i & 1)))
            .Repartition(3).Collect()
            .SameBag(items.Select(i => i % 10).Where(i => i != 3).SelectMany(i => new[] { i, -i })
                .Concat(items.SelectMany(i => Enumerable.Repeat(i, i & 1))));
    }).Holds(Tries);

    [Fact]
    public void Words_Any_EqualsSelectManyOfSplit() => Prop.ForAll<string[], int>((items, p) =>
    {
        Dataset<Utf8Text> texts = _session.In(items, p).Select(s => new Utf8Text(s ?? ""));
        Dictionary<Utf8Text, long> counts = texts.Words().CountByKey(word => word).Collect().ToDictionary();
        return texts.Words().Collect().SequenceEqual(texts.SelectMany(text => text.Split()).Collect())
            && counts.SameBag(items.SelectMany(s => new Utf8Text(s ?? "").Split()).CountBy(word => word)
                .Select(pair => KeyValuePair.Create(pair.Key, (long)pair.Value)));
    }).Holds(Tries);

    [Fact]
    public void SelectPartition_Any_SeesEachPartitionOnce() => Prop.ForAll<int[], int>((items, p) =>
    {
        int partitions = 1 + Math.Abs(p % 8);
        List<(int Partition, int Count)> seen = _session.In(items, p)
            .SelectPartition((records, context) => new[] { (context.Partition, records.Count()) }).Collect();
        return seen.Select(s => s.Partition).SequenceEqual(Enumerable.Range(0, partitions))
            && seen.Sum(s => s.Count) == items.Length
            && seen.Max(s => s.Count) - seen.Min(s => s.Count) <= 1;
    }).Holds(Tries);

    [Fact]
    public void Union_Any_IsConcat() => Prop.ForAll<int[], int[], int>((a, b, p) =>
    {
        Dataset<int> first = _session.In(a, p);
        return first.Union(_session.In(b, p / 3), first).Collect().SequenceEqual(a.Concat(b).Concat(a))
            && first.Union().Collect().SequenceEqual(a);
    }).Holds(Tries);

    [Fact]
    public void Distinct_Any_EqualsLinq()
    {
        DistinctIsLinqs<int>();
        DistinctIsLinqs<string?>();
        DistinctIsLinqs<double>();
        DistinctIsLinqs<int?>();
        DistinctIsLinqs<(bool, DateTime)>();
    }

    [Fact]
    public void Distinct_Records_GoByValue()
    {
        Person[] people = [new("Ann", 3), new("Bob", 3), new("Ann", 3), new(null, 3), new("Ann", 4), new(null, 3)];
        Assert.Equal(
            [new(null, 3), new("Ann", 3), new("Ann", 4), new("Bob", 3)],
            _session.From(people, 4).Distinct().Collect().OrderBy(p => p.Name, StringComparer.Ordinal).ThenBy(p =>
                p.Age));
    }

    [Fact]
    public void Repartition_Any_KeepsAllAndDealsEvenly() => Prop.ForAll<int[], int, byte>((items, p, count) =>
    {
        int partitions = 1 + (count % 9);
        List<int[]> dealt = _session.In(items, p).Repartition(partitions)
            .SelectPartition(records => new[] { records.ToArray() }).Collect();
        return dealt.Count == partitions && dealt.SelectMany(part => part).SameBag(items)
            && dealt.Max(part => part.Length) - dealt.Min(part => part.Length) <= 1 + Math.Abs(p % 8);
    }).Holds(Tries);

    [Fact]
    public void Repartition_ToOne_KeepsTheOrder() => Prop.ForAll<int[], int>((items, p) =>
        _session.In(items, p).Repartition(1).Collect().SequenceEqual(items)).Holds(Tries);

    [Fact]
    public void PartitionBy_AnyPartitioner_SendsEachKeyWhereItSays()
    {
        SendsRightly(new HashPartitioner<int>(5));
        SendsRightly(new RangePartitioner<int>([-10, 0, 3, 20]));
        SendsRightly(new Md5Partitioner<int>(3));
        SendsRightly(new RoundRobinPartitioner(3, offset: 1), i => i & int.MaxValue);
        SendsRightly(new ConsistentHashPartitioner<int>(
            new ConsistentHashRing([new RingNode("a"), new RingNode("b", 3), new RingNode("c")])));
    }

    [Fact]
    public async Task PartitionBy_PartitionerLeavesItsRange_SaysWhich()
    {
        Dataset<int> wrong = _session.From([1, 2, 3]).PartitionBy(i => i, new Wild());
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => wrong.CountAsync());
        Assert.Equal(
            $"{typeof(Wild)} sent a key to partition 7, but it has the partitions 0 to 1. Correct its PartitionOf.",
                e.Message);
    }

    [Fact]
    public void Sample_Any_DependsOnTheSeedAlone() => Prop.ForAll<int[], int, ulong>((items, p, seed) =>
    {
        Dataset<int> some = _session.In(items, p).Sample(0.4, seed);
        List<int> first = some.Collect();
        return some.Collect().SequenceEqual(first)
            && Wait(some.TakeAsync(3)).SequenceEqual(first.Take(3))
            && _session.In(items, p).Sample(0, seed).Collect().Count == 0
            && _session.In(items, p).Sample(1, seed).Collect().SequenceEqual(items);
    }).Holds(Tries);

    [Fact]
    public void Sample_ManyRecords_KeepsAboutTheFraction()
    {
        Dataset<long> some = _session.Range(0, 40_000, 8).Sample(0.25, 9);
        Assert.InRange(Wait(some.CountAsync()), 9_600, 10_400);
        Assert.NotEqual(some.Collect(), _session.Range(0, 40_000, 8).Sample(0.25, 10).Collect());
    }

    [Fact]
    public void Pipeline_OfManySteps_EqualsLinq() => Prop.ForAll<int[], int>((items, p) =>
        _session.In(items, p).Select(i => i / 2).Where(i => i != 3).Repartition(3).Distinct().OrderBy(i => -i)
            .SelectMany(i => new[] { i, i }).Collect()
            .SequenceEqual(items.Select(i => i / 2).Where(i => i != 3).Distinct().OrderBy(i => -i)
                .SelectMany(i => new[] { i, i }))).Holds(Tries);

    [Fact]
    public void Range_Any_EqualsLinq() => Prop.ForAll<int, byte, int>((start, count, p) =>
        _session.Range(start, count, 1 + Math.Abs(p % 8)).Collect()
            .SequenceEqual(Enumerable.Range(0, count).Select(i => (long)start + i))
        && _session.Range(start, count).Collect().Count == count).Holds(Tries);

    [Fact]
    public void Range_AtTheEndOfTheNumbers_EndsThere() =>
        Assert.Equal([long.MaxValue - 1, long.MaxValue], _session.Range(long.MaxValue - 1, 2, 2).Collect());

    [Fact]
    public void Generate_GivesWhatEachPartitionMakes() => Assert.Equal(
        [1, 2, 2], _session.Generate(3, partition => Enumerable.Repeat(partition, partition)).Collect());

    [Fact]
    public void From_SequenceThatIsNoList_IsReadOnce()
    {
        int reads = 0;
        Dataset<int> data = _session.From(Numbers(), 3);
        Assert.Equal(10, Wait(data.CountAsync()));
        Assert.Equal(10, Wait(data.CountAsync()));
        Assert.Equal(1, reads);

        IEnumerable<int> Numbers()
        {
            reads++;
            for (int i = 0; i < 10; i++)
            {
                yield return i;
            }
        }
    }

    [Fact]
    public void Records_OfAllShapes_ComeThrough()
    {
        Pupil[] people = [new("Ann", 3, [1.5, double.NaN]), new(null, -1), new("", int.MaxValue, [])];
        List<Pupil> back = _session.From(people, 2).Repartition(2).Collect();
        Assert.Equivalent(people, back, strict: true);
    }

    private void DistinctIsLinqs<T>() => Prop.ForAll<T[], int>((items, p) =>
    {
        T[] doubled = [.. items, .. items];
        List<T> distinct = _session.In(doubled, p).Distinct(3).Collect();
        return distinct.Count == items.Distinct().Count() && distinct.ToHashSet().SetEquals(items);
    }).Holds(Tries);

    private void SendsRightly(IPartitioner<int> partitioner) => SendsRightly(partitioner, i => i);

    private void SendsRightly<TKey>(IPartitioner<TKey> partitioner, Func<int, TKey> key) =>
        Prop.ForAll<int[], int>((items, p) =>
        {
            List<(int Partition, int Item)> sent = _session.In(items, p).PartitionBy(key, partitioner)
                .SelectPartition((records, context) => records.Select(record => (context.Partition, record)))
                .Collect();
            return sent.Select(s => s.Item).SameBag(items)
                && sent.All(s => s.Partition == partitioner.PartitionOf(key(s.Item)));
        }).Holds(5);

    private sealed class Wild : IPartitioner<int>
    {
        public int PartitionCount => 2;

        public int PartitionOf(int key) => 7;
    }
}
