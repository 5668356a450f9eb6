using FsCheck.Fluent;
using Lepton.Compute.Execution;
using Lepton.Compute.Shuffle;
using Lepton.Compute.Tests.Execution;
using Lepton.Core.Randomness;
using Lepton.Core.Records;

namespace Lepton.Compute.Tests.Shuffle;

public sealed class SpillingTableTests : IDisposable
{
    private readonly TaskBench _everything = new(operatorBytes: 1 << 30);
    private readonly TaskBench _little = new(operatorBytes: 20_000);
    private readonly TaskBench _nothing = new(operatorBytes: 1);

    private enum Color
    {
        Red,
        Green,
        Blue,
    }

    public void Dispose()
    {
        _everything.Dispose();
        _little.Dispose();
        _nothing.Dispose();
    }

    [Fact]
    public void Drain_AnyKeysAndMemory_EqualsGroupBy()
    {
        Agree<int>();
        Agree<string?>();
        Agree<int?>();
        Agree<double>();
        Agree<DateTime>();
        Agree<(short Number, string? Text)>();
        Agree<byte>();
    }

    [Fact]
    public void Drain_ManyKeys_SpillsAndRecurses()
    {
        var random = new SeededRandom(7);
        (int Key, string Value)[] pairs =
            [.. Enumerable.Range(0, 60_000).Select(i => (random.NextInt32(25_000), $"{i % 10}"))];
        Dictionary<int, string> expected = pairs.GroupBy(pair => pair.Key)
            .ToDictionary(group => group.Key, group => string.Concat(group.Select(pair => pair.Value)));
        TaskContext task = _little.Task();
        using (var table = new SpillingTable<int, string>(task, string.Concat))
        {
            foreach ((int key, string value) in pairs)
            {
                table.Add(key, value);
            }

            KeyValuePair<int, string>[] drained = [.. table.Drain()];
            Assert.Equal(expected.Count, drained.Length);
            Assert.All(drained, entry => Assert.Equal(expected[entry.Key], entry.Value));
        }

        Assert.True(task.Metrics.SpilledBytes > 100_000);
        Assert.Empty(_little.Files);
    }

    [Fact]
    public void Drain_OneKeyLargerThanTheMemory_IsStillMerged()
    {
        using var table = new SpillingTable<string, List<int>>(_nothing.Task(), (first, second) =>
            [.. first, .. second], appends: true);
        RecordCodec<int> codec = RecordCodec.For<int>();
        for (int i = 0; i < 3000; i++)
        {
            ref List<int> members = ref table.GetOrAdd("one", out bool added);
            members = added ? [] : members;
            members.Add(i);
            table.Appended("one", added, codec, i);
        }

        Assert.Equal(Enumerable.Range(0, 3000), Assert.Single(table.Drain()).Value);
        Assert.Empty(_nothing.Files);
    }

    [Fact]
    public void Drain_ListsWithOneHotKey_SpillsNoMoreThanItMust()
    {
        (int Key, int Value)[] records = [.. Enumerable.Range(0, 60_000).Select(i => (i % 2 == 0 ? 0 : i % 999, i))];
        TaskContext task = _little.Task();
        using (var table = new SpillingTable<int, List<int>>(task, (first, second) => [.. first, .. second], true))
        {
            RecordCodec<int> codec = RecordCodec.For<int>();
            foreach ((int key, int value) in records)
            {
                ref List<int> members = ref table.GetOrAdd(key, out bool added);
                (members ??= []).Add(value);
                table.Appended(key, added, codec, value);
            }

            KeyValuePair<int, List<int>>[] drained = [.. table.Drain()];
            ILookup<int, int> expected = records.ToLookup(record => record.Key, record => record.Value);
            Assert.Equal(expected.Count, drained.Length);
            Assert.All(drained, entry => Assert.Equal(expected[entry.Key], entry.Value));
        }

        // Three bytes a number, and a key, a count and a null mark for each list: about 400,000 bytes for each level.
        Assert.InRange(task.Metrics.SpilledBytes, 100_000, 3_000_000);
        Assert.Empty(_little.Files);
    }

    [Fact]
    public void Drain_NothingAdded_IsEmpty()
    {
        using var table = new SpillingTable<int, int>(_nothing.Task(), (a, b) => a + b);
        Assert.Empty(table.Drain());
        Assert.Empty(_nothing.Files);
    }

    [Fact]
    public void Drain_EnumsAndFitsInMemory_ComesInTheOrderOfTheFirstKeys()
    {
        using var table = new SpillingTable<Color, int>(_everything.Task(), (a, b) => a + b);
        foreach (Color color in new[] { Color.Blue, Color.Red, Color.Blue, Color.Green })
        {
            table.Add(color, 1);
        }

        Assert.Equal([new(Color.Blue, 2), new(Color.Red, 1), new(Color.Green, 1)], table.Drain());
    }

    [Fact]
    public void Dispose_HalfRead_DeletesTheFiles()
    {
        using (var table = new SpillingTable<int, int>(_nothing.Task(), (a, b) => a + b))
        {
            for (int i = 0; i < 2000; i++)
            {
                table.Add(i, i);
            }

            Assert.NotEmpty(table.Drain().Take(3));
            Assert.NotEmpty(_nothing.Files);
        }

        Assert.Empty(_nothing.Files);
    }

    [Fact]
    public void Drain_Cancelled_Throws()
    {
        using var source = new CancellationTokenSource();
        using var table = new SpillingTable<int, int>(_nothing.Task(cancellation: source.Token), (a, b) => a + b);
        for (int i = 0; i < 600; i++)
        {
            table.Add(i, 1);
        }

        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => table.Drain().ToList());
    }

    private void Agree<TKey>() => Prop.ForAll<TKey[], bool>((keys, spills) =>
    {
        // The table looks at its memory every 512 records.
        int count = keys.Length == 0 ? 0 : 1500;
        var numbered = Enumerable.Range(0, count).Select(i => (Key: keys[i * i % keys.Length], Text: $"{i},")).ToList();
        var expected = numbered.GroupBy(pair => pair.Key)
            .Select(group => (group.Key, string.Concat(group.Select(pair => pair.Text)))).ToList();
        TaskBench bench = spills ? _nothing : _everything;
        using var table = new SpillingTable<TKey, string>(bench.Task(), string.Concat);
        numbered.ForEach(pair => table.Add(pair.Key, pair.Text));
        List<(TKey, string)> drained = [.. table.Drain().Select(entry => (entry.Key, entry.Value))];
        return spills ? drained.ToHashSet().SetEquals(expected)
            && drained.Count == expected.Count : drained.SequenceEqual(expected);
    }).Holds(20);
}
