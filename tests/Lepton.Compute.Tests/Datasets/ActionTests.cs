using FsCheck.Fluent;
using Lepton.Compute.Datasets;
using static Lepton.Compute.Tests.Datasets.DatasetExtensions;

namespace Lepton.Compute.Tests.Datasets;

public sealed class ActionTests(ThreadsSession threads) : IClassFixture<ThreadsSession>
{
    private const int Tries = 12;
    private readonly LeptonSession _session = threads.Session;

    [Fact]
    public void Actions_Any_EqualLinq() => Prop.ForAll<int[], int, byte>((items, p, take) =>
    {
        Dataset<int> data = _session.In(items, p);
        return Wait(data.CountAsync()) == items.Length
            && Wait(data.Where(i => i > 0).CountAsync()) == items.Count(i => i > 0)
            && Wait(data.SumAsync(i => (long)i)) == items.Sum(i => (long)i)
            && Wait(data.ToArrayAsync()).SequenceEqual(items)
            && Wait(data.TakeAsync(take % 20)).SequenceEqual(items.Take(take % 20));
    }).Holds(Tries);

    [Fact]
    public void MinAndMax_Any_EqualLinq() => Prop.ForAll<FsCheck.NonEmptyArray<int>, int>((items, p) =>
        Wait(_session.In(items.Get, p).MinAsync(i => i % 7)) == items.Get.Min(i => i % 7)
        && Wait(_session.In(items.Get, p).MaxAsync(i => $"{i}")) == items.Get.Select(i =>
            $"{i}").Max(StringComparer.Ordinal)
        && Wait(_session.In(items.Get, p).FirstAsync()) == items.Get[0]).Holds(Tries);

    [Fact]
    public async Task MinAsync_SomeKeysAreNull_LeavesThemOut()
    {
        Dataset<string?> words = _session.From([null, "b", "a", null, "c"], 2);
        Assert.Equal("a", await words.MinAsync(word => word));
        Assert.Equal("c", await words.MaxAsync(word => word));
        Assert.Equal(3, await _session.From([(int?)null, 3]).MinAsync(number => number));
        await Assert.ThrowsAsync<EmptyDatasetException>(
            () => _session.From([(string?)null]).MinAsync(word => word));
    }

    [Fact]
    public async Task SumMinMaxAsync_OfNumbersThemselves_NeedNoSelector()
    {
        Dataset<long> numbers = _session.Range(1, 10, partitions: 3);
        Assert.Equal(55, await numbers.SumAsync());
        Assert.Equal(1, await numbers.MinAsync());
        Assert.Equal(10, await numbers.MaxAsync());
    }

    [Fact]
    public async Task ToDictionaryAsync_KeyTwice_Throws()
    {
        Dataset<KeyValuePair<string, int>> pairs = _session.From([new KeyValuePair<string, int>("a", 1), new("b", 2)]);
        Assert.Equal(new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 }, await pairs.ToDictionaryAsync());
        ArgumentException twice =
            await Assert.ThrowsAsync<ArgumentException>(() => pairs.Union(pairs).ToDictionaryAsync());
        Assert.StartsWith(
            "The key 'a' occurs twice in the data set 'Union'. Bring the values of each key together first, by " +
            "ReduceByKey or GroupBy.",
            twice.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(257)]
    [InlineData(300)]
    public async Task AggregateAsync_ManyPartitions_MergesInTheirOrder(int partitions)
    {
        string joined = await _session.Range(0, 1000, partitions).AggregateAsync(
            () => "", (text, i) => $"{text}{i},", (first, second) => first + second);
        Assert.Equal(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i},")), joined);
    }

    [Fact]
    public async Task AggregateAsync_NoRecords_GivesTheSeed()
    {
        Assert.Equal(0, await _session.From(Array.Empty<int>()).SumAsync(i => i));
        Assert.Equal("", await _session.Range(5, 0, 40).AggregateAsync(() => "", (s, _) => s + "x", string.Concat));
    }

    [Fact]
    public async Task TakeAsync_FewRecords_ComputesOnlyWhatItNeeds()
    {
        Dataset<int> data = _session.Generate(20, p => Calls.Note("take few", new[] { p, p }));
        Assert.Equal([0, 0], await data.TakeAsync(2));
        Assert.Equal(1, Calls.Of("take few"));
        Assert.Equal([0, 0, 1, 1, 2], await data.TakeAsync(5));
        Assert.Equal(1 + 5, Calls.Of("take few"));
        Assert.Equal([], await data.TakeAsync(0));
        Assert.Equal(1 + 5, Calls.Of("take few"));
        Assert.Equal(0, await data.FirstAsync());
        Assert.Equal(1 + 5 + 1, Calls.Of("take few"));
    }

    [Fact]
    public async Task TakeAsync_EndlessPartition_StopsReading()
    {
        Dataset<int> endless = _session.Generate(2, p => Enumerable.Range(0, int.MaxValue).Select(i => i + p));
        Assert.Equal([0, 1, 2], await endless.TakeAsync(3));
    }

    [Fact]
    public async Task TakeAsync_MoreThanThereAre_GivesAll() =>
        Assert.Equal(Enumerable.Range(0, 30), await _session.From(Enumerable.Range(0, 30), 25).TakeAsync(1000));

    [Fact]
    public async Task TakeAsync_OnJoinsAndSorts_ResolvesThem()
    {
        Dataset<int> data = _session.From(Enumerable.Range(0, 30), 4);
        Assert.Equal(29, await data.OrderByDescending(i => i).FirstAsync());
        Assert.Equal(0, await data.Join(data, i => i, i => i, (a, b) => a * b).FirstAsync());
        Assert.Single(await data.Join(data.Repartition(2), i => i, i => i, (a, b) => a).TakeAsync(1));
    }

    [Fact]
    public async Task ForEachAsync_CallsTheActionWithEachRecord()
    {
        await _session.From(Enumerable.Range(0, 40), 6).ForEachAsync(i => Calls.Note($"for each {i}", i));
        Assert.All(Enumerable.Range(0, 40), i => Assert.Equal(1, Calls.Of($"for each {i}")));
    }

    [Fact]
    public async Task ForEachAsync_AsynchronousAction_IsAwaitedRecordByRecord()
    {
        await _session.From(Enumerable.Range(0, 20), 1).ForEachAsync(async i =>
        {
            await Task.Yield();
            Assert.Equal(i, Calls.Of("for each awaited"));
            Calls.Note("for each awaited", i);
        });
        Assert.Equal(20, Calls.Of("for each awaited"));
    }

    [Fact]
    public async Task ForEachAsync_AsynchronousActionThrows_ArrivesAsItWasThrown() => Assert.Equal(
        "the second half",
        (await Assert.ThrowsAsync<NotSupportedException>(() => _session.From([1], 1).ForEachAsync(async _ =>
        {
            await Task.Yield();
            throw new NotSupportedException("the second half");
        }))).Message);

    [Fact]
    public async Task FirstMinMax_NoRecords_SayWhatToDo()
    {
        Dataset<int> none = _session.From(Array.Empty<int>());
        Assert.Equal(
            "The data set is empty, so it has no first record. Use TakeAsync(1) where that may be.",
            (await Assert.ThrowsAsync<EmptyDatasetException>(() => none.FirstAsync())).Message);
        foreach (Func<Task<int>> extreme in new Func<Task<int>>[] { () => none.MinAsync(i => i), () =>
            none.MaxAsync(i => i) })
        {
            Assert.Equal(
                "The data set is empty, or all of its keys are null, so it has no smallest or largest key.",
                (await Assert.ThrowsAsync<EmptyDatasetException>(extreme)).Message);
        }
    }

    [Fact]
    public async Task Actions_LargeResults_ComeThroughFiles()
    {
        List<string> large = await _session.Generate(3, p =>
            new[] { new string((char)('a' + p), 2_000_000) }).ToListAsync();
        Assert.Equal([2_000_000, 2_000_000, 2_000_000], large.Select(s => s.Length));
        Assert.Equal("abc", string.Concat(large.Select(s => s[^1])));
    }

    [Fact]
    public async Task Operators_NothingIsComputedBeforeAnAction()
    {
        Dataset<int> lazy = _session.From([1, 2, 3], 2).Select(i => Calls.Note("lazy", i)).OrderBy(i => i).Distinct();
        Assert.Equal(0, Calls.Of("lazy"));
        await lazy.CountAsync();
        Assert.True(Calls.Of("lazy") > 0);
    }

    [Fact]
    public async Task Actions_AtTheSameTime_DoNotDisturbEachOther()
    {
        Dataset<long> data = _session.Range(0, 500, 5);
        Dataset<long> shared = data.Union(data).OrderBy(i => -i, partitions: 3).Cache();
        Task<long>[] counts = [.. Enumerable.Range(0, 16).Select(n => Task.Run(
            () => n % 2 == 0 ? shared.CountAsync() : shared.Where(i => i % 2 == 0).CountAsync()))];
        long[] all = await Task.WhenAll(counts);
        Assert.Equal(Enumerable.Range(0, 16).Select(n => n % 2 == 0 ? 1000L : 500L), all);
    }
}
