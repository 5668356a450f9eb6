using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Faults;

/// <summary>Nothing at all, and less than there are workers.</summary>
public sealed class SmallShapeTests(SmallShapeTests.Shared shared) : IClassFixture<SmallShapeTests.Shared>
{
    /// <summary>Ways to have no rows: no records, no partitions with records, nothing left by a filter.</summary>
    public static TheoryData<string> Empties => ["collection", "range", "filter", "partitions", "file", "shuffled"];

    [Theory]
    [MemberData(nameof(Empties))]
    public async Task Empty_ThroughEveryOperator_IsEmpty(string kind)
    {
        Dataset<long> empty = Empty(kind);
        Dataset<long> some = shared.Bench.Session.Range(0, 5, partitions: 2);
        Assert.Empty(await empty.Select(row => row + 1).Where(row => row > 0).ToListAsync());
        Assert.Empty(await empty.SelectMany(row => new[] { row }).ToListAsync());
        Assert.Empty(await empty.SelectPartition(rows => rows).ToListAsync());
        Assert.Empty(await empty.Distinct().ToListAsync());
        Assert.Empty(await empty.Union(empty).ToListAsync());
        Assert.Equal(5, await empty.Union(some).CountAsync());
        Assert.Empty(await empty.Sample(0.5, 1).ToListAsync());
        Assert.Empty(await empty.Repartition(3).ToListAsync());
        Assert.Empty(await empty.GroupBy(row => row % 2).Select(group => group.Count).ToListAsync());
        Assert.Empty(await empty.CountByKey(row => row).ToListAsync());
        Assert.Empty(await empty.ReduceByKey(row => row, row => row, (a, b) => a + b).ToListAsync());
        Assert.Empty(await empty.Join(some, a => a, b => b, (a, b) => a + b).ToListAsync());
        Assert.Empty(await some.Join(empty, a => a, b => b, (a, b) => a + b).ToListAsync());
        Assert.Equal(5, await some.LeftJoin(empty, a => a, b => b, (a, b) => a).CountAsync());
        Assert.Equal(5, await empty.FullJoin(some, a => a, b => b, (a, b) => b).CountAsync());
        Assert.Empty(await empty.OrderBy(row => row).ToListAsync());
        Assert.Empty(await empty.OrderByDescending(row => row).ThenBy(row => row).ToListAsync());
        Dataset<long> cached = empty.Cache();
        Assert.Empty(await cached.ToListAsync());
        Assert.Empty(await cached.ToListAsync());
        string checkpoint = shared.NewPath();
        Assert.Empty(await empty.Checkpoint(checkpoint).ToListAsync());
        Assert.Empty(await empty.Checkpoint(checkpoint).ToListAsync());
    }

    [Theory]
    [MemberData(nameof(Empties))]
    public async Task Empty_ToEveryAction_GivesNothingOrSaysSo(string kind)
    {
        Dataset<long> empty = Empty(kind);
        Assert.Equal(0, await empty.CountAsync());
        Assert.Equal(0, await empty.SumAsync(row => row));
        Assert.Equal(
            7, await empty.AggregateAsync(static () => 7L, static (a, b) => a + b, static (a, b) => Math.Max(a, b)));
        Assert.Empty(await empty.TakeAsync(3));
        Assert.Empty(await empty.ToArrayAsync());
        Assert.Empty(await empty.Select(row => new KeyValuePair<long, long>(row, row)).ToDictionaryAsync());
        await empty.ForEachAsync(row => throw new InvalidOperationException("there is no row"));
        await SaysEmptyAsync(() => empty.FirstAsync());
        await SaysEmptyAsync(() => empty.MinAsync(row => row));
        await SaysEmptyAsync(() => empty.MaxAsync(row => row));
        string text = shared.NewPath();
        Assert.Equal(0, await empty.Select(row => $"{row}").WriteTextAsync(text));
        Assert.True(File.Exists(Path.Combine(text, "_SUCCESS")));
        Assert.Equal(0, await empty.Select(row => new Row(row)).WriteCsvAsync(shared.NewPath()));
        Assert.Equal(0, await empty.Select(row => new Row(row)).WriteJsonLinesAsync(shared.NewPath()));
    }

    [Fact]
    public async Task Rows_FewerThanWorkers_AreEachThereOnce()
    {
        await using Bench bench = await Bench.StartAsync(workers: 3);

        Assert.Equal([1, 2], await bench.Session.From([2, 1]).OrderBy(row => row).ToListAsync());
        Assert.Equal(2, await bench.Session.From([2, 1], partitions: 9).Repartition(7).CountAsync());
        Assert.Equal(
            [new KeyValuePair<int, long>(5, 1)],
            await bench.Session.From([5]).CountByKey(row => row, partitions: 8).ToListAsync());
    }

    private Dataset<long> Empty(string kind)
    {
        LeptonSession session = shared.Bench.Session;
        return kind switch
        {
            "collection" => session.From(Array.Empty<long>()),
            "range" => session.Range(0, 0),
            "filter" => session.Range(0, 100, partitions: 4).Where(row => row < 0),
            "partitions" => session.Generate(3, _ => Enumerable.Empty<long>()),
            "file" => session.ReadText(shared.EmptyFile).Select(line => (long)line.Length),
            _ => session.Range(0, 10).Where(row => row < 0).CountByKey(row => row).Select(entry => entry.Value),
        };
    }

    private static async Task SaysEmptyAsync(Func<Task<long>> action)
    {
        EmptyDatasetException refused = await Assert.ThrowsAsync<EmptyDatasetException>(action);
        Assert.StartsWith("The data set is empty", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A row of a file.</summary>
    public sealed record Row(long Number);

    /// <summary>One session of threads for the class.</summary>
    public sealed class Shared : IAsyncLifetime
    {
        private int _paths;

        internal Bench Bench { get; private set; } = null!;

        internal string EmptyFile => Bench.Path("empty.txt");

        internal string NewPath() => Bench.Path($"path-{Interlocked.Increment(ref _paths)}");

        public async ValueTask InitializeAsync()
        {
            Bench = await Bench.StartAsync(workers: 0, threads: 2);
            await File.WriteAllBytesAsync(EmptyFile, []);
        }

        public ValueTask DisposeAsync() => Bench.DisposeAsync();
    }
}
