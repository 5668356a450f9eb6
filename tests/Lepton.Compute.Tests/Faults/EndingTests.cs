using Lepton.Compute.Datasets;
using Lepton.Compute.Events;

namespace Lepton.Compute.Tests.Faults;

/// <summary>Deadlines and cancellation, with tasks that listen and tasks that don't.</summary>
public sealed class EndingTests
{
    [Fact]
    public async Task Deadline_TaskThatListens_FailsWithoutTheLossOfItsWorker()
    {
        await using Bench bench = await Bench.StartAsync(
            with: options => options with { TaskDeadline = TimeSpan.FromSeconds(3) });

        JobFailedException failure = await Bench.FailureAsync(() => Holding(bench, bench.Path("begun")));

        Assert.Equal(JobFailure.Deadline, failure.Reason);
        Assert.Contains("deadline of 3,000 ms", failure.Message, StringComparison.Ordinal);
        Assert.Contains("partition 0", failure.Message, StringComparison.Ordinal);
        Assert.Equal(10, await bench.Session.Range(0, 10).CountAsync());
        Assert.Equal(0, bench.Session.Statistics.WorkersLost);
    }

    [Fact]
    public async Task Deadline_TaskThatLoopsForEver_EndsItsWorker()
    {
        await using Bench bench = await Bench.StartAsync(
            with: options => options with
            {
                TaskDeadline = TimeSpan.FromSeconds(3),
                CancelGrace = TimeSpan.FromMilliseconds(200),
            });
        string begun = bench.Path("begun");
        Task<long> job = Looping(bench, begun);
        int victim = await Gate.SignedAsync(begun);

        JobFailedException failure = await Bench.FailureAsync(() => job);
        await bench.ReplacedAsync(victim);

        Assert.Equal(JobFailure.Deadline, failure.Reason);
        Assert.False(Signals.IsAlive(victim));
        Assert.Equal(10, await bench.Session.Range(0, 10).CountAsync());
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        Assert.Contains(
            "did not stop within 0.2 s", Assert.Single(events.OfType<WorkerLost>()).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_OneOfTwoJobs_ItsTasksStopAndTheOtherFinishes()
    {
        await using Bench bench = await Bench.StartAsync();
        string begun = bench.Path("begun");
        string stopped = bench.Path("stopped");
        string hold = bench.Path("hold");
        using var cancel = new CancellationTokenSource();
        Task<long> cancelled = bench.Session.Range(0, 10, partitions: 1)
            .SelectPartition((rows, context) =>
            {
                Gate.Sign(begun);
                Gate.Hold(stopped, context.Cancellation);
                return rows;
            })
            .CountAsync(cancel.Token);
        int process = await Gate.SignedAsync(begun);
        Task<long> other = bench.Session.Range(0, 40, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                Gate.Pass(hold, context.Cancellation);
                return rows;
            })
            .CountAsync();

        await cancel.CancelAsync();
        OperationCanceledException thrown = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Gate.UntilAsync(() => File.Exists(stopped), "the cancelled task stops");
        Gate.Open(hold);

        Assert.Equal(cancel.Token, thrown.CancellationToken);
        Assert.Equal(40, await other);
        Assert.Contains(process, await bench.ProcessesAsync());
        Assert.Equal(0, bench.Session.Statistics.WorkersLost);
    }

    [Fact]
    public async Task Cancel_TaskThatLoopsForEver_ItsWorkerIsReplacedAndOthersAreNotBlamed()
    {
        await using Bench bench = await Bench.StartAsync(
            workers: 1, threads: 2,
            with: options => options with { CancelGrace = TimeSpan.FromMilliseconds(200), WorkerKillsMax = 1 });
        string begun = bench.Path("begun");
        string neighbour = bench.Path("neighbour");
        using var cancel = new CancellationTokenSource();
        Task<long> cancelled = Looping(bench, begun, cancel.Token);
        int victim = await Gate.SignedAsync(begun);
        Task<long> other = bench.Session.Range(0, 10, partitions: 1)
            .SelectPartition((rows, context) =>
            {
                if (context.Attempt == 0)
                {
                    Gate.Open(neighbour);
                    Gate.Hold(context.Cancellation);
                }

                return rows;
            })
            .CountAsync();
        await Gate.UntilAsync(() => File.Exists(neighbour), "the other job begins beside it");

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        Assert.Equal(10, await other);
        await bench.ReplacedAsync(victim, workers: 1);
        Assert.False(Signals.IsAlive(victim));
    }

    [Fact]
    public async Task Cancel_BeforeTheStart_RunsNothing()
    {
        await using Bench bench = await Bench.StartAsync(workers: 1);
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => bench.Session.Range(0, 10).CountAsync(cancel.Token));

        Assert.Equal(0, bench.Session.Statistics.Tasks);
    }

    [Fact]
    public async Task Cancel_OneOfTwoJobsOverOneSort_TheOtherStillGetsItsSample()
    {
        await using Bench bench = await Bench.StartAsync(workers: 1, threads: 2);
        string begun = bench.Path("begun");
        string hold = bench.Path("hold");
        Dataset<long> sorted = bench.Session.Range(0, 40, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                Gate.Open(begun);
                Gate.Pass(hold, context.Cancellation);
                return rows;
            })
            .OrderByDescending(row => row);
        using var cancel = new CancellationTokenSource();
        Task<List<long>> first = sorted.ToListAsync(cancel.Token);
        await Gate.UntilAsync(() => File.Exists(begun), "the sample is drawn");
        Task<List<long>> second = sorted.ToListAsync();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Gate.Open(hold);

        Assert.Equal(Enumerable.Range(0, 40).Select(row => 39L - row), await second);
    }

    private static Task<long> Holding(Bench bench, string begun) =>
        bench.Session.Range(0, 10, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                if (context.Partition == 0)
                {
                    Gate.Open(begun);
                    Gate.Hold(context.Cancellation);
                }

                return rows;
            })
            .CountAsync();

    private static Task<long> Looping(Bench bench, string begun, CancellationToken cancellation = default) =>
        bench.Session.Range(0, 10, partitions: 1)
            .Select(row =>
            {
                Gate.Sign(begun);
                while (true)
                {
                    Thread.SpinWait(1000);
                }

#pragma warning disable CS0162 // The compiler needs a value for the lambda's type; the loop above never ends.
                return row;
#pragma warning restore CS0162
            })
            .CountAsync(cancellation);
}
