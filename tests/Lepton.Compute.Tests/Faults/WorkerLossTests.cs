using System.Globalization;
using Lepton.Compute.Datasets;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Faults;

/// <summary>SIGKILL at each phase of a job: the result is right, and only what was lost is made again.</summary>
public sealed class WorkerLossTests
{
    [Fact]
    public async Task Kill_DuringMap_TaskRunsAgainOnAReplacement()
    {
        await using Bench bench = await Bench.StartAsync();
        string started = bench.Path("started");
        Task<long> job = bench.Session.Range(0, 4000, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                if (context is { Partition: 1, Attempt: 0 })
                {
                    Gate.Sign(started);
                    Gate.Hold(context.Cancellation);
                }

                return rows;
            })
            .SumAsync(row => row);

        int victim = await Gate.SignedAsync(started);
        await bench.KillAndReplaceAsync(victim);

        Assert.Equal(3999L * 4000 / 2, await job);
        SessionStatistics statistics = bench.Session.Statistics;
        Assert.Equal(1, statistics.WorkersLost);
        Assert.InRange(statistics.RetryCount, 1, 2);
        Assert.Contains(statistics.Retries, retry => retry.Contains("SIGKILL", StringComparison.Ordinal));
        Assert.Contains("w3", statistics.TasksByWorker.Keys);
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        WorkerLost lost = Assert.Single(events.OfType<WorkerLost>());
        Assert.Equal(victim, lost.ProcessId);
        Assert.Contains("SIGKILL", lost.Cause, StringComparison.Ordinal);
        Assert.Contains(events.OfType<TaskRetried>(), retry => retry.Partition == 1);
        TaskFinished died = Assert.Single(events.OfType<TaskFinished>(), task => task.Outcome == TaskOutcome.Lost);
        Assert.Equal((1, 1, lost.Worker, lost.TasksRunning), (died.Partition, died.Attempt, died.Worker, 1));
        Assert.InRange(died.Start, events.OfType<WorkerStarted>().First().Time, died.Time);
        Assert.True(Assert.IsType<SessionFinished>(events[^1]).Succeeded);
    }

    [Fact]
    public async Task Trap73_KillDuringReduce_OnlyTheDeadWorkersOutputsAreMadeAgain()
    {
        await using Bench bench = await Bench.StartAsync();
        const int Maps = 8;
        string started = bench.Path("started");
        Task<List<KeyValuePair<long, long>>> job = SpreadOverWorkers(bench, Maps)
            .CountByKey(row => row % 10, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                if (context is { Partition: 0, Attempt: 0 })
                {
                    Gate.Sign(started);
                    Gate.Hold(context.Cancellation);
                }

                return rows;
            })
            .ToListAsync();

        int victim = await Gate.SignedAsync(started);
        await bench.KillAndReplaceAsync(victim);

        Assert.Equal(
            Enumerable.Range(0, 10).Select(key => new KeyValuePair<long, long>(key, 800)),
            (await job).OrderBy(entry => entry.Key));
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        int mapStage = events.OfType<StageStarted>().Single(stage => stage.TaskCount == Maps).Stage;
        OutputLost lost = Assert.Single(events.OfType<OutputLost>());
        Assert.Equal(mapStage, lost.Stage);
        Assert.InRange(lost.Partitions.Count, 1, Maps - 1);
        Assert.Equal(lost.Partitions.Order(), RunAgain(events, mapStage));
    }

    [Fact]
    public async Task Kill_DuringASortWithSpills_ResultIsSortedAndWhole()
    {
        await using Bench bench = await Bench.StartAsync(
            with: options => options with { MemoryPerWorkerBytes = 64L << 20 });
        const int Rows = 200_000;
        string started = bench.Path("started");
        Dataset<string> sorted = bench.Session.Range(0, Rows, partitions: 4)
            .Select(row => $"{row * 7919 % Rows:0000000000}{new string('x', 80)}")
            .OrderBy(text => text, StringComparer.Ordinal, partitions: 2);
        Task<List<string>> job = sorted
            .SelectPartition((rows, context) => HoldAfterFirst(rows, context, started))
            .Select(text => text[..10])
            .ToListAsync();

        int victim = await Gate.SignedAsync(started);
        Assert.NotEmpty(Directory.GetFiles(bench.WorkDirectory, "run-*", SearchOption.AllDirectories));
        await bench.KillAndReplaceAsync(victim);

        List<string> result = await job;
        Assert.Equal(
            Enumerable.Range(0, Rows).Select(row => row.ToString("0000000000", CultureInfo.InvariantCulture)), result);
        Assert.True(bench.Session.Statistics.SpilledBytes > 0);
    }

    [Fact]
    public async Task Kill_WithCachedPartitions_OnlyTheLostOnesAreComputedAgain()
    {
        await using Bench bench = await Bench.StartAsync();
        const int Partitions = 6;
        string folder = Directory.CreateDirectory(bench.Path("computed")).FullName;
        string both = bench.Path("both");
        Dataset<long> cached = bench.Session.Range(0, 600, Partitions)
            .SelectPartition((rows, context) =>
            {
                Meet(both, context, context.Attempt);
                File.WriteAllBytes(Path.Combine(folder, $"{context.Partition}-{Environment.ProcessId}"), []);
                return rows;
            })
            .Cache();
        Assert.Equal(600, await cached.CountAsync());
        Assert.Equal(600, await cached.CountAsync());
        string[] computed = Names(folder);
        Assert.Equal(Partitions, computed.Length);
        int victim = (await bench.ProcessesAsync())[0];
        string suffix = $"-{victim}";
        int[] held = [.. computed.Where(name => name.EndsWith(suffix, StringComparison.Ordinal)).Select(PartitionOf)];
        Assert.InRange(held.Length, 1, Partitions - 1);

        await bench.KillAndReplaceAsync(victim);

        Assert.Equal(599L * 600 / 2, await cached.SumAsync(row => row));
        Assert.Equal(held.Order(), Names(folder).Except(computed).Select(PartitionOf).Order());
    }

    [Fact]
    public async Task Kill_DuringAWrite_OutputHasEachRowOnceAndNothingElse()
    {
        await using Bench bench = await Bench.StartAsync();
        string started = bench.Path("started");
        string output = bench.Path("out/lines");
        Task<long> job = bench.Session.Range(0, 4000, partitions: 4)
            .Select(row => row.ToString(CultureInfo.InvariantCulture))
            .SelectPartition((rows, context) => HoldAfterFirst(rows, context, started))
            .WriteTextAsync(output);

        int victim = await Gate.SignedAsync(started);
        Assert.False(Directory.Exists(output));
        await bench.KillAndReplaceAsync(victim);

        Assert.Equal(4000, await job);
        Assert.Equal(
            ["_SUCCESS", "part-00000.txt", "part-00001.txt", "part-00002.txt", "part-00003.txt"],
            Directory.GetFiles(output).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.Equal([output], Directory.GetFileSystemEntries(bench.Path("out")));
        Assert.Equal(
            Enumerable.Range(0, 4000),
            Directory.GetFiles(output, "part-*").Order().SelectMany(File.ReadLines).Select(int.Parse));
    }

    [Fact]
    public async Task Stop_PastTheSilenceLimit_WorkerIsReplaced()
    {
        await using Bench bench = await Bench.StartAsync(
            with: options => options with { WorkerSilenceMax = TimeSpan.FromSeconds(2) });
        string started = bench.Path("started");
        Task<long> job = bench.Session.Range(0, 400, partitions: 4)
            .SelectPartition((rows, context) => HoldAfterFirst(rows, context, started))
            .CountAsync();

        int victim = await Gate.SignedAsync(started);
        Signals.Send(victim, Signals.Stop);
        await bench.ReplacedAsync(victim);

        Assert.Equal(400, await job);
        Assert.Contains(
            bench.Session.Statistics.Retries,
            retry => retry.Contains("no sign of life for 2 s", StringComparison.Ordinal));
    }

    /// <summary>10 rows of each key 0 to 9 a partition, 100 of each; both workers hold some of them.</summary>
    private static Dataset<long> SpreadOverWorkers(Bench bench, int partitions)
    {
        string both = bench.Path("both");
        return bench.Session.Range(0, partitions * 1000, partitions).SelectPartition((rows, context) =>
        {
            Meet(both, context, context.Attempt);
            return rows;
        });
    }

    /// <summary>The first two partitions wait for one another, so they run on two workers.</summary>
    private static void Meet(string both, PartitionContext context, int attempt)
    {
        if (context.Partition < 2 && attempt == 0)
        {
            Gate.Open(both + context.Partition);
            Gate.Pass(both + (1 - context.Partition), context.Cancellation);
        }
    }

    private static IEnumerable<T> HoldAfterFirst<T>(IEnumerable<T> rows, PartitionContext context, string started)
    {
        bool hold = context is { Partition: 0, Attempt: 0 };
        foreach (T row in rows)
        {
            yield return row;
            if (hold)
            {
                Gate.Sign(started);
                Gate.Hold(context.Cancellation);
            }
        }
    }

    private static IEnumerable<int> RunAgain(IEnumerable<JobEvent> events, int stage) =>
        events.OfType<TaskFinished>()
            .Where(task => task.Stage == stage && task.Outcome == TaskOutcome.Succeeded)
            .GroupBy(task => task.Partition)
            .Where(task => task.Count() > 1)
            .Select(task => task.Key)
            .Order();

    private static string[] Names(string folder) =>
        [.. Directory.GetFiles(folder).Select(file => Path.GetFileName(file))];

    private static int PartitionOf(string name) => int.Parse(name.Split('-')[0], CultureInfo.InvariantCulture);
}
