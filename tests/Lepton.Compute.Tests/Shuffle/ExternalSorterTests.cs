using System.Globalization;
using FsCheck.Fluent;
using Lepton.Compute.Formats;
using Lepton.Compute.Shuffle;
using Lepton.Compute.Tests.Execution;
using Lepton.Core.Randomness;

namespace Lepton.Compute.Tests.Shuffle;

/// <summary>Sorting equals LINQ's stable sort, for every kind of key, in memory and through runs on disk.</summary>
public sealed class ExternalSorterTests : IDisposable
{
    private static readonly string?[] s_texts =
    [
        null, "", "\0", "\0a", "a", "aa", "ab", "abcd", "abcde", "abcdf", "B", "ä", "z", "\u00ff", "\ud800",
            "\ud800\udc00",
        "\uffff", "\ue000", "a\ud83d\ude00", "a\uffff", "10", "9", "-1", " ", "abcd\0", "ABCD",
    ];

    private readonly TaskBench _memory = new(operatorBytes: 1 << 30);
    private readonly TaskBench _disk = new(operatorBytes: 100);

    public void Dispose()
    {
        _memory.Dispose();
        _disk.Dispose();
    }

    [Fact]
    public void Drain_NumbersOfAnyKind_EqualsLinq()
    {
        Agree<int>();
        Agree<long>();
        Agree<uint>();
        Agree<ulong>();
        Agree<short>();
        Agree<byte>();
        Agree<char>();
        Agree<bool>();
        Agree<decimal>();
    }

    [Fact]
    public void Drain_OtherKinds_EqualsLinq()
    {
        Agree<double>();
        Agree<float>();
        Agree<DateTime>();
        Agree<DateTimeOffset>();
        Agree<TimeSpan>();
        Agree<Guid>();
        Agree<int?>();
        Agree<DayOfWeek>();
        Agree<(short, byte)>();
        Agree<string?>(StringComparer.Ordinal);
    }

    [Fact]
    public void Drain_BordersOfTheNumbers_EqualsLinq()
    {
        double[] doubles =
        [
            double.NaN, 0.0, -0.0, double.NegativeInfinity, double.PositiveInfinity, double.Epsilon, -double.Epsilon,
            double.MaxValue, double.MinValue, 1, -1, double.NaN, -0.0, 0.0,
                BitConverter.UInt64BitsToDouble(0xfff8_0000_0000_0001),
        ];
        AgreeOn(doubles, Comparer<double>.Default);
        AgreeOn([.. doubles.Select(d => (float)d)], Comparer<float>.Default);
        AgreeOn([int.MinValue, -1, 0, 1, int.MaxValue, 0, -1], Comparer<int>.Default);
        AgreeOn([long.MinValue, -1, 0, 1, long.MaxValue, 0, -1], Comparer<long>.Default);
        AgreeOn<ulong>([0, 1, ulong.MaxValue, 1UL << 63], Comparer<ulong>.Default);
        AgreeOn(
            [DateTime.MinValue, DateTime.MaxValue, new DateTime(5, DateTimeKind.Utc),
                new DateTime(5, DateTimeKind.Local)],
            Comparer<DateTime>.Default);
    }

    [Fact]
    public void Drain_TextsThatShareBeginnings_SortByCodeUnits() =>
        Prop.ForAll<int>(seed =>
        {
            var random = new SeededRandom((ulong)(uint)seed);
            string?[] keys = [.. Enumerable.Range(0, 200).Select(_ => s_texts[random.NextInt32(s_texts.Length)])];
            return Agrees(keys, StringComparer.Ordinal);
        }).Holds(15);

    [Fact]
    public void Drain_Utf8Texts_SortByBytes()
    {
        string[] texts = [.. s_texts.OfType<string>().Where(text =>
            !text.Any(char.IsSurrogate) || text.Contains("\ud83d\ude00", StringComparison.Ordinal))];
        Utf8Text[] keys = [.. texts.Concat(texts).Select(text => new Utf8Text(text))];
        AgreeOn(keys, Comparer<Utf8Text>.Create((x, y) => x.Span.SequenceCompareTo(y.Span)));
    }

    [Fact]
    public void Drain_UsersComparer_IsObeyed() =>
        Prop.ForAll<int[], bool>((keys, spills) => Sorted(keys, new ByLastDigit(), spills)
            .SequenceEqual(Numbered(keys).OrderBy(pair => pair.Key, new ByLastDigit()))).Holds(25);

    [Fact]
    public void Drain_ReversedUsersComparer_KeepsTheOrderOfEquals() =>
        Prop.ForAll<int[], bool>((keys, spills) => Sorted(keys, new ReversedComparer<int>(new ByLastDigit()), spills)
            .SequenceEqual(Numbered(keys).OrderByDescending(pair => pair.Key, new ByLastDigit()))).Holds(25);

    [Fact]
    public void Drain_TwoKeys_EqualsThenBy() =>
        Prop.ForAll<(sbyte, byte)[], bool>((keys, spills) =>
        {
            KeyValuePair<sbyte, byte>[] pairs = [.. keys.Select(key =>
                new KeyValuePair<sbyte, byte>(key.Item1, key.Item2))];
            var order = new PairComparer<sbyte, byte>(new KeyComparer<sbyte>(false), new KeyComparer<byte>(true));
            return Sorted(pairs, order, spills).SequenceEqual(
                Numbered(pairs).OrderBy(pair => pair.Key.Key).ThenByDescending(pair => pair.Key.Value));
        }).Holds(25);

    [Fact]
    public void Drain_ManyRuns_MergesThemAndDeletesTheirFiles()
    {
        var random = new SeededRandom(3);
        int[] keys = [.. Enumerable.Range(0, 20_000).Select(_ => random.NextInt32(500))];
        using var bench = new TaskBench(operatorBytes: 20_000);
        Lepton.Compute.Execution.TaskContext task = bench.Task();
        using (var sorter = new ExternalSorter<(int, int), int>(task, pair => pair.Item1, new KeyComparer<int>(false)))
        {
            for (int i = 0; i < keys.Length; i++)
            {
                sorter.Add((keys[i], i));
            }

            Assert.True(bench.Files.Length > 20);
            Assert.Equal(keys.Select((key, i) => (key, i)).OrderBy(pair => pair.key), sorter.Drain());
        }

        Assert.Empty(bench.Files);
        Assert.True(task.Metrics.SpilledBytes > 20_000);
    }

    [Fact]
    public void Drain_HundredsOfRunsInTinyMemory_KeepsFewFilesOpenAndTheOrder()
    {
        var random = new SeededRandom(4);
        (int Key, int Index)[] pairs = Numbered([.. Enumerable.Range(0, 40_000).Select(_ => random.NextInt32(300))]);
        using (var sorter = new ExternalSorter<(int Key, int Index), int>(
            _disk.Task(), pair => pair.Key, new KeyComparer<int>(true)))
        {
            Array.ForEach(pairs, sorter.Add);
            Assert.InRange(_disk.Files.Length, 500, 1000);
            int openMax = 0;
            var sorted = new List<(int, int)>();
            foreach ((int, int) pair in sorter.Drain())
            {
                openMax = sorted.Count % 1000 == 0 ? Math.Max(openMax, OpenFiles(_disk.Root)) : openMax;
                sorted.Add(pair);
            }

            Assert.Equal(pairs.OrderByDescending(pair => pair.Key), sorted);
            Assert.InRange(openMax, OperatingSystem.IsLinux() ? 2 : 0, 8);
        }

        Assert.Empty(_disk.Files);
    }

    [Fact]
    public void Drain_CancelledWhileRunsAreMerged_DeletesThemAll()
    {
        using var source = new CancellationTokenSource();
        using (var sorter = new ExternalSorter<int, int>(
            _disk.Task(cancellation: source.Token), i => i, new KeyComparer<int>(false)))
        {
            for (int i = 0; i < 40_000; i++)
            {
                sorter.Add(i % 7);
            }

            source.Cancel();
            Assert.ThrowsAny<OperationCanceledException>(() => sorter.Drain().First());
        }

        Assert.Empty(_disk.Files);
    }

    [Fact]
    public void Drain_NothingAdded_IsEmpty() => Assert.Empty(Sorted<int>([], Comparer<int>.Default, spills: true));

    private void Agree<TKey>(IComparer<TKey>? linq = null) =>
        Prop.ForAll<TKey[]>(keys => Agrees(keys, linq ?? Comparer<TKey>.Default)).Holds(15);

    private void AgreeOn<TKey>(TKey[] keys, IComparer<TKey> linq) =>
        Assert.True(Agrees(keys, linq), string.Create(CultureInfo.InvariantCulture, $"{typeof(TKey)}"));

    private bool Agrees<TKey>(TKey[] keys, IComparer<TKey> linq)
    {
        (TKey Key, int Index)[] numbered = Numbered(keys);
        int[] ascending = [.. numbered.OrderBy(pair => pair.Key, linq).Select(pair => pair.Index)];
        int[] descending = [.. numbered.OrderByDescending(pair => pair.Key, linq).Select(pair => pair.Index)];
        return new[] { true, false }.All(spills =>
            Sorted(keys, new KeyComparer<TKey>(false), spills).Select(pair => pair.Index).SequenceEqual(ascending)
            && Sorted(keys, new KeyComparer<TKey>(true), spills).Select(pair => pair.Index).SequenceEqual(descending));
    }

    private (TKey Key, int Index)[] Sorted<TKey>(TKey[] keys, IComparer<TKey> order, bool spills)
    {
        using var sorter = new ExternalSorter<(TKey Key, int Index), TKey>(
            (spills ? _disk : _memory).Task(), pair => pair.Key, order);
        foreach ((TKey Key, int Index) pair in Numbered(keys))
        {
            sorter.Add(pair);
        }

        return [.. sorter.Drain()];
    }

    private static (TKey Key, int Index)[] Numbered<TKey>(TKey[] keys) => [.. keys.Select((key, i) => (key, i))];

    private static int OpenFiles(string directory) => !OperatingSystem.IsLinux() ? 0 :
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Count(link =>
            new FileInfo(link).LinkTarget?.StartsWith(directory, StringComparison.Ordinal) == true);

    private sealed class ByLastDigit : IComparer<int>
    {
        public int Compare(int x, int y) => (Math.Abs((long)x) % 10).CompareTo(Math.Abs((long)y) % 10);
    }
}
