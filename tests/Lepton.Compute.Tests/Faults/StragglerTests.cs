using Lepton.Compute.Datasets;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Faults;

/// <summary>Work is taken from where it waits: twins for stragglers, and stealing by idle workers.</summary>
public sealed class StragglerTests
{
    [Fact]
    public async Task Straggler_WithAnIdleWorker_GetsATwinAndIsCancelled()
    {
        await using Bench bench = await Bench.StartAsync(with: options => options with
        {
            Speculate = true,
            SpeculateAfter = TimeSpan.FromMilliseconds(100),
        });
        string stopped = bench.Path("stopped");
        Task<List<int>> job = bench.Session.Range(0, 4, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                if (context is { Partition: 0, Attempt: 0 })
                {
                    Gate.Hold(stopped, context.Cancellation);
                }

                return rows.Select(_ => context.Attempt);
            })
            .ToListAsync();

        List<int> attempts = await job;
        await Gate.UntilAsync(() => File.Exists(stopped), "the straggler is cancelled");

        Assert.True(attempts[0] > 0);
        Assert.Equal(0, bench.Session.Statistics.WorkersLost);
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        Assert.Contains(
            events.OfType<TaskFinished>(),
            task => task is { Speculative: true, Partition: 0, Outcome: TaskOutcome.Succeeded });
    }

    [Fact]
    public async Task Straggler_ThatDoesNotListen_LosesItsWorkerAfterTheGrace()
    {
        await using Bench bench = await Bench.StartAsync(with: options => options with
        {
            Speculate = true,
            SpeculateAfter = TimeSpan.FromMilliseconds(100),
            CancelGrace = TimeSpan.FromMilliseconds(200),
        });
        string begun = bench.Path("begun");
        Task<long> job = bench.Session.Range(0, 4, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                if (context is { Partition: 0, Attempt: 0 })
                {
                    Gate.Sign(begun);
                    Gate.Hold(CancellationToken.None);
                }

                return rows;
            })
            .CountAsync();
        int victim = await Gate.SignedAsync(begun);

        Assert.Equal(4, await job);
        await bench.ReplacedAsync(victim);
        Assert.Equal(4, await bench.Session.Range(0, 4).CountAsync());
    }

    [Fact]
    public async Task Worker_ThatIsStoppedWithItsTask_IsReplacedAndTheJobGoesOnWithoutIt()
    {
        await using Bench bench = await Bench.StartAsync(with: options => options with
        {
            Speculate = true,
            CancelGrace = TimeSpan.FromMilliseconds(200),
        });
        string begun = bench.Path("begun");
        Task<List<long>> job = bench.Session.Range(0, 8, partitions: 8)
            .SelectPartition((rows, context) =>
            {
                if (context is { Partition: 0, Attempt: 0 })
                {
                    Gate.Sign(begun);
                    Gate.Hold(CancellationToken.None);
                }

                return rows;
            })
            .ToListAsync();
        int victim = await Gate.SignedAsync(begun);
        Signals.Send(victim, Signals.Stop);

        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7], await job);
        await bench.ReplacedAsync(victim);
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        Assert.Contains(events.OfType<TaskFinished>(), task => task is { Speculative: true, Partition: 0 });
    }

    [Fact]
    public async Task Straggler_WhileItWrites_LeavesNoSecondFile()
    {
        await using Bench bench = await Bench.StartAsync(with: options => options with
        {
            Speculate = true,
            SpeculateAfter = TimeSpan.FromMilliseconds(100),
        });
        string output = bench.Path("out/lines");
        long rows = await bench.Session.Range(0, 4000, partitions: 4)
            .Select(row => $"{row}")
            .SelectPartition(HoldFirst)
            .WriteTextAsync(output);

        Assert.Equal(4000, rows);
        Assert.Equal(
            ["_SUCCESS", "part-00000.txt", "part-00001.txt", "part-00002.txt", "part-00003.txt"],
            Directory.GetFiles(output).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Assert.Equal(4000, Directory.GetFiles(output, "part-*").Sum(file => File.ReadLines(file).Count()));
        Assert.Equal([output], Directory.GetFileSystemEntries(bench.Path("out")));
    }

    [Fact]
    public async Task QueuedBehindALongTask_WithAnIdleWorker_IsStolen()
    {
        await using Bench bench = await Bench.StartAsync();
        const int Partitions = 8;
        string folder = Directory.CreateDirectory(bench.Path("done")).FullName;
        Task<List<string>> job = bench.Session.Range(0, Partitions, Partitions)
            .SelectPartition((rows, context) =>
            {
                if (context.Partition == 0)
                {
                    for (int other = 1; other < Partitions; other++)
                    {
                        Gate.Pass(Path.Combine(folder, $"{other}"), context.Cancellation);
                    }
                }

                Gate.Open(Path.Combine(folder, $"{context.Partition}"));
                return rows.Select(_ => context.Worker);
            })
            .ToListAsync();

        List<string> workers = await job;

        Assert.All(workers.Skip(1), worker => Assert.NotEqual(workers[0], worker));
        Assert.Equal(0, bench.Session.Statistics.RetryCount);
    }

    private static IEnumerable<string> HoldFirst(IEnumerable<string> rows, PartitionContext context)
    {
        foreach (string row in rows)
        {
            yield return row;
            if (context is { Partition: 0, Attempt: 0 })
            {
                Gate.Hold(context.Cancellation);
            }
        }
    }
}
