using FsCheck.Fluent;
using Lepton.Compute.Datasets;
using Lepton.Core.Hashing;

namespace Lepton.Compute.Tests.Datasets;

public sealed class KeyedOperatorTests(ThreadsSession threads) : IClassFixture<ThreadsSession>
{
    private const int Tries = 12;
    private readonly LeptonSession _session = threads.Session;

    [Fact]
    public void AggregateByKey_NotCommutative_MergesInTheOrderOfThePartitions() =>
        Prop.ForAll<byte[], int>((items, p) =>
    {
        (byte Key, int Index)[] pairs = [.. items.Select((b, i) => ((byte)(b % 7), i))];
        return _session.In(pairs, p)
            .AggregateByKey(pair => pair.Key, key => $"{key}:", (state, pair) =>
                $"{state}{pair.Index} ", Joined, partitions: 3)
            .Collect().ToDictionary()
            .SameBag(pairs.GroupBy(pair => pair.Key).ToDictionary(
                group => group.Key, group => $"{group.Key}:" + string.Concat(group.Select(pair => $"{pair.Index} "))));
    }).Holds(Tries);

    [Fact]
    public void ReduceByKey_Any_EqualsLinq() => Prop.ForAll<(string?, int)[], int>((items, p) =>
        _session.In(items, p).ReduceByKey(pair => pair.Item1, pair => pair.Item2, Math.Max).Collect()
            .SameBag(items.GroupBy(pair => pair.Item1)
                .Select(g => new KeyValuePair<string?, int>(g.Key, g.Max(pair => pair.Item2))))).Holds(Tries);

    [Fact]
    public void CountByKey_Any_EqualsLinq() => Prop.ForAll<int?[], int>((items, p) =>
        _session.In(items, p).CountByKey(i => i % 10).Collect()
            .SameBag(items.GroupBy(i => i % 10).Select(g =>
                new KeyValuePair<int?, long>(g.Key, g.Count())))).Holds(Tries);

    [Fact]
    public void GroupBy_Any_EqualsLinqWithItsOrder() => Prop.ForAll<string?[], int>((items, p) =>
    {
        List<Group<int?, string?>> groups = _session.In(items, p).GroupBy(s => s?.Length % 3, partitions: 2).Collect();
        var expected = items.GroupBy(s => s?.Length % 3).ToList();
        return groups.Count == expected.Count && expected.All(
            group => groups.Single(other => other.Key == group.Key).SequenceEqual(group));
    }).Holds(Tries);

    [Fact]
    public void Keys_NotEqualByValue_AreRefusedWhereTheOperatorIsCalled()
    {
        Dataset<int[]> rows = _session.From<int[]>([[1], [1]]);
        var calls = new Dictionary<string, Action>
        {
            ["Distinct"] = () => rows.Distinct(),
            ["GroupBy"] = () => rows.GroupBy(row => row),
            ["CountByKey"] = () => rows.CountByKey(row => row),
            ["ReduceByKey"] = () => rows.ReduceByKey(row => row, _ => 1, (a, b) => a + b),
            ["AggregateByKey"] = () => rows.AggregateByKey(row => row, _ => 0, (n, _) => n + 1, (a, b) => a + b),
            ["Join"] = () => rows.Join(rows, row => row, row => row, (a, _) => a),
            ["LeftJoin"] = () => rows.LeftJoin(rows, row => row, row => row, (a, _) => a),
            ["FullJoin"] = () => rows.FullJoin(rows, row => row, row => row, (a, _) => a),
        };
        Assert.All(calls, call => Assert.StartsWith(
            $"{call.Key} can't take int[] as a key: an array is equal only to itself, whatever its elements. ",
            Assert.Throws<UnusableKeyException>(call.Value).Message, StringComparison.Ordinal));
        Assert.Equal(
            ["Item2"], Assert.Throws<UnusableKeyException>(() => rows.GroupBy(row => (row.Length, row))).Path);
    }

    [Fact]
    public void Group_IsAListOfItsRecords()
    {
        Group<int, string> group = Assert.Single(_session.From(["a", "bb", "c"]).GroupBy(s => s.Length).Collect(), g =>
            g.Key == 1);
        Assert.Equal((2, "c"), (group.Count, group[1]));
        Assert.Equal(["a", "c"], group);
    }

    [Fact]
    public void Joins_AnyKeysWithDuplicatesAndNulls_EqualLinqBroadcastOrShuffled() =>
        Prop.ForAll<(byte, short)[], (byte, short)[], int>((a, b, p) =>
        {
            (string?, short)[] left = [.. a.Select(Keyed)];
            (string?, short)[] right = [.. b.Select(Keyed)];
            Dataset<(string?, short)> small = _session.In(right, p / 5);
            return Agree(left, right, p, small) && Agree(left, right, p, small.Repartition(3));
        }).Holds(Tries);

    [Fact]
    public async Task Join_SmallSide_IsBroadcastAndALargeOneShuffled()
    {
        var jobs = new List<string>();
        void Heard(TaskReport report)
        {
            lock (jobs)
            {
                jobs.Add(report.Job);
            }
        }

        Dataset<int> left = _session.Generate(4, p => Enumerable.Range(p, 10));
        _session.TaskFinished += Heard;
        await left.Join(_session.From([3, 4], 1), i => i, i => i, (a, b) => a + b).CountAsync();
        int broadcast = jobs.Count;
        jobs.Clear();
        await left.Join(_session.Generate(1, _ => new[] { 3, 4 }), i => i, i => i, (a, b) => a + b).CountAsync();
        _session.TaskFinished -= Heard;
        Assert.Equal(1 + 4, broadcast);
        Assert.Equal(4 + 1 + 4, jobs.Count);
    }

    [Fact]
    public async Task Join_SmallSideThatGrows_IsShuffled()
    {
        Dataset<int> left = _session.Generate(4, p => Enumerable.Range(p, 10));
        Dataset<int> right = _session.From([3, 4], 1);
        Assert.Equal(1 + 4, await TasksOfAsync(right));
        Assert.Equal(1 + 4, await TasksOfAsync(right.Where(i => i > 0).Select(i => i).Named("named")));
        Assert.Equal(4 + 1 + 4, await TasksOfAsync(right.SelectMany(i => new[] { i, i })));
        Assert.Equal(4 + 1 + 4, await TasksOfAsync(right.SelectPartition((rows, _) => rows)));
        Assert.Equal(4 + 1 + 4, await TasksOfAsync(right.SelectMany(i => new[] { i }).Select(i => i).Cache()));

        async Task<long> TasksOfAsync(Dataset<int> side)
        {
            long before = _session.Statistics.Tasks;
            await left.Join(side, i => i, i => i, (a, b) => a + b).CountAsync();
            return _session.Statistics.Tasks - before;
        }
    }

    /// <summary>As <c>Select(File.ReadAllBytes)</c>: a few names, and many bytes.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task Join_SideWhoseSelectLoadsMuch_IsShuffledAfterAll(int partitions)
    {
        Dataset<int> left = _session.Generate(4, p => Enumerable.Range(p, 10));
        Dataset<(int Key, byte[] Bytes)> right = _session.From([0, 1, 2, 3], partitions)
            .Select(key => (key, new byte[3 << 20]));
        long before = _session.Statistics.Tasks;

        long joined = await left.Join(right, i => i, loaded => loaded.Key, (i, _) => i).CountAsync();

        Assert.Equal(10, joined);
        Assert.Equal(partitions + 4 + partitions + 4, _session.Statistics.Tasks - before);
    }

    [Fact]
    public void Join_OfAJoin_EqualsLinq()
    {
        int[] a = [1, 2, 2, 3, 5];
        int[] b = [2, 3, 4];
        int[] c = [2, 2, 3];
        Dataset<int> inner = _session.From(b, 2).Join(_session.From(c, 2), i => i, i => i, (x, y) => x + y);
        Assert.True(_session.From(a, 3).Join(inner, i => i * 2, i => i, (x, y) => (x, y)).Collect().SameBag(
            a.Join(b.Join(c, i => i, i => i, (x, y) => x + y), i => i * 2, i => i, (x, y) => (x, y))));
    }

    [Fact]
    public void Join_ADataSetWithItself_EqualsLinq() => Prop.ForAll<byte[], int>((items, p) =>
    {
        Dataset<byte> data = _session.In(items, p).Repartition(2);
        return data.Join(data, i => i % 4, i => i % 4, (x, y) => (x, y)).Collect()
            .SameBag(items.Join(items, i => i % 4, i => i % 4, (x, y) => (x, y)));
    }).Holds(5);

    [Fact]
    public void FullJoin_EmptySide_GivesTheOtherWithDefaults()
    {
        Dataset<string> some = _session.From(["a", "b"]);
        Dataset<string> none = _session.From(Array.Empty<string>());
        Assert.Equal(["a-", "b-"], some.FullJoin(none, s => s, s => s, Pair).Collect().Order(StringComparer.Ordinal));
        Assert.Equal(["-a", "-b"], none.FullJoin(some, s => s, s => s, Pair).Collect().Order(StringComparer.Ordinal));
        Assert.Equal(["a-", "b-"], some.LeftJoin(none, s => s, s => s, Pair).Collect().Order(StringComparer.Ordinal));
        Assert.Empty(none.LeftJoin(some, s => s, s => s, Pair).Collect());
        Assert.Empty(none.Join(some, s => s, s => s, Pair).Collect());

        static string Pair(string? a, string? b) => $"{a}-{b}";
    }

    private static (string?, short) Keyed((byte Key, short Value) pair) =>
        (pair.Key % 5 == 0 ? null : $"k{pair.Key % 5}", pair.Value);

    private static string Joined(string first, string second) =>
        first + second[(second.IndexOf(':', StringComparison.Ordinal) + 1)..];

    private bool Agree((string?, short)[] left, (string?, short)[] right, int p, Dataset<(string?, short)> rights)
    {
        Dataset<(string?, short)> lefts = _session.In(left, p);
        var inner = left.Join(right, l => l.Item1, r => r.Item1, (l, r) =>
            (l.Item1, (short?)l.Item2, (short?)r.Item2)).ToList();
        var lonelyLeft = left.Where(l => l.Item1 is null || right.All(r => r.Item1 != l.Item1))
            .Select(l => (l.Item1, (short?)l.Item2, (short?)null)).ToList();
        var lonelyRight = right.Where(r => r.Item1 is null || left.All(l => l.Item1 != r.Item1))
            .Select(r => (r.Item1, (short?)null, (short?)r.Item2)).ToList();
        return lefts.Join(rights, l => l.Item1, r => r.Item1, (l, r) => (l.Item1, (short?)l.Item2, (short?)r.Item2))
                .Collect().SameBag(inner)
            && Marked(lefts).LeftJoin(Marked(rights), l => l.Key, r =>
                r.Key, Row).Collect().SameBag(inner.Concat(lonelyLeft))
            && Marked(lefts).FullJoin(Marked(rights), l => l.Key, r => r.Key, Row).Collect()
                .SameBag(inner.Concat(lonelyLeft).Concat(lonelyRight));
    }

    private static Dataset<Side> Marked(Dataset<(string?, short)> side) =>
        side.Select(pair => new Side(pair.Item1, pair.Item2));

    private static (string?, short?, short?) Row(Side? left, Side? right) =>
        (left?.Key ?? right?.Key, left?.Value, right?.Value);

    private sealed record Side(string? Key, short Value);
}
