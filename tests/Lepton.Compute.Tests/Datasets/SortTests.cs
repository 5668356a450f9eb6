using FsCheck.Fluent;
using Lepton.Compute.Datasets;
using static Lepton.Compute.Tests.Datasets.DatasetExtensions;

namespace Lepton.Compute.Tests.Datasets;

public sealed class SortTests(ThreadsSession threads) : IClassFixture<ThreadsSession>
{
    private const int Tries = 12;
    private readonly LeptonSession _session = threads.Session;

    [Fact]
    public void OrderBy_Any_EqualsLinqStably()
    {
        EqualsLinq<int>(Comparer<int>.Default);
        EqualsLinq<double>(Comparer<double>.Default);
        EqualsLinq<string?>(StringComparer.Ordinal);
        EqualsLinq<bool>(Comparer<bool>.Default);
        EqualsLinq<DateTime>(Comparer<DateTime>.Default);
    }

    [Fact]
    public void OrderBy_KeysWithoutAnOrder_AreRefusedAtOnce()
    {
        Dataset<Unordered> places = _session.From(new[] { new Unordered(1) });
        Assert.EndsWith(
            "Unordered has no order, since it implements neither IComparable<SortTests.Unordered> nor " +
            "IComparable. Sort by one of its members, or give a comparer.",
            Assert.Throws<ArgumentException>(() => places.OrderBy(place => place)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Unordered, which is part of ",
            Assert.Throws<ArgumentException>(
                () => places.OrderBy(_ => 1).ThenByDescending(place => (1, place))).Message,
            StringComparison.Ordinal);
        places.OrderBy(place => place, Comparer<Unordered>.Create((x, y) => x.Number.CompareTo(y.Number)));
    }

    [Fact]
    public void ThenBy_Any_EqualsLinq() => Prop.ForAll<(sbyte, byte, short)[], int>((items, p) =>
        _session.In(items, p).OrderByDescending(t => t.Item1 % 3, partitions: 4).ThenBy(t => t.Item2 % 3)
            .ThenByDescending(t => t.Item3).Collect()
            .SequenceEqual(items.OrderByDescending(t => t.Item1 % 3).ThenBy(t => t.Item2 % 3)
                .ThenByDescending(t => t.Item3))).Holds(Tries);

    [Fact]
    public void OrderBy_UsersComparer_IsObeyedBothWays() => Prop.ForAll<string[], int>((items, p) =>
    {
        string[] texts = [.. items.Select(s => s ?? "")];
        return _session.In(texts, p).OrderBy(s =>
            s, new ByLength()).Collect().SequenceEqual(texts.OrderBy(s => s, new ByLength()))
            && _session.In(texts, p).OrderByDescending(s => s, new ByLength()).Collect()
                .SequenceEqual(texts.OrderByDescending(s => s, new ByLength()));
    }).Holds(Tries);

    [Fact]
    public void OrderBy_ManyRecords_SpreadsThemOverThePartitions()
    {
        List<int> sizes = _session.Range(0, 20_000, 5).OrderByDescending(i => i * 7919 % 20_000, partitions: 4)
            .SelectPartition(records => new[] { records.Count() }).Collect();
        Assert.Equal((4, 20_000), (sizes.Count, sizes.Sum()));
        Assert.All(sizes, size => Assert.InRange(size, 3_000, 7_500));
    }

    [Fact]
    public void OrderBy_AllKeysEqual_KeepsTheOrder() => Assert.Equal(
        Enumerable.Range(0, 500).Select(i => (long)i), _session.Range(0, 500, 7).OrderBy(_ =>
            1, partitions: 5).Collect());

    [Fact]
    public void OrderBy_IsADataSet_TakesPartInAllElse()
    {
        Dataset<long> sorted = _session.Range(0, 100, 3).OrderByDescending(i => i);
        Assert.Equal([99, 98], Wait(sorted.TakeAsync(2)));
        Assert.Equal([98, 96, 99, 98], sorted.Where(i => i % 2 == 0).Repartition(1).Select(i => i).Union(sorted)
            .Collect().Take(2).Concat(sorted.Collect().Take(2)));
        Assert.Equal(99, Wait(sorted.Cache().FirstAsync()));
    }

    [Fact]
    public void OrderBy_OfASortedOne_KeepsTheOrderOfEquals() => Prop.ForAll<int[], int>((items, p) =>
        _session.In(items, p).OrderBy(i => i).OrderBy(i => i % 3, partitions: 2).Collect()
            .SequenceEqual(items.OrderBy(i => i).OrderBy(i => i % 3))).Holds(Tries);

    [Fact]
    public async Task OrderBy_OneCallerCancels_TheOtherStillGetsItsResult()
    {
        using var canceller = new CancellationTokenSource();
        Dataset<long> sorted = _session.Range(0, 3000, 40).Select(i => Slow(i)).OrderBy(i => -i, partitions: 3);
        Task<long> cancelled = sorted.CountAsync(canceller.Token);
        Task<long> wanted = sorted.CountAsync();
        canceller.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.Equal(3000, await wanted);

        static long Slow(long i)
        {
            Thread.SpinWait(2000);
            return i;
        }
    }

    private void EqualsLinq<TKey>(IComparer<TKey> linq) => Prop.ForAll<TKey[], int, byte>((keys, p, count) =>
    {
        (TKey Key, int Index)[] items = [.. keys.Select((key, i) => (key, i))];
        int partitions = 1 + (count % 5);
        return _session.In(items, p).OrderBy(t => t.Key, partitions: partitions).Collect()
                .SequenceEqual(items.OrderBy(t => t.Key, linq))
            && _session.In(items, p).OrderByDescending(t => t.Key, partitions: partitions).Collect()
                .SequenceEqual(items.OrderByDescending(t => t.Key, linq));
    }).Holds(Tries);

    private sealed record Unordered(int Number);

    private sealed class ByLength : IComparer<string>
    {
        public int Compare(string? x, string? y) => x!.Length.CompareTo(y!.Length);
    }
}
