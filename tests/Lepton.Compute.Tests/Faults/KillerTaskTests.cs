using System.Runtime.CompilerServices;
using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>A task that takes workers down is blamed after three of them, with what is known of their ends.</summary>
public sealed class KillerTaskTests : IAsyncLifetime
{
    private Bench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await Bench.StartAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Trap71_TaskFailsFast_CallerLearnsTaskCausePeakAndLastWords()
    {
        JobFailedException failure = await Bench.FailureAsync(() => KillerJob(
            static () => Environment.FailFast("the invariant of the ledger is broken")));

        Assert.Equal(JobFailure.KillsWorkers, failure.Reason);
        Assert.Contains("partition 2", failure.Message, StringComparison.Ordinal);
        Assert.Contains("took 3 workers down", failure.Message, StringComparison.Ordinal);
        Assert.Contains("SIGABRT", failure.Message, StringComparison.Ordinal);
        Assert.Matches(@"it had used [\d.]+ MiB at most", failure.Message);
        Assert.Contains("the invariant of the ledger is broken", failure.Message, StringComparison.Ordinal);
        Assert.Equal(3, _bench.Session.Statistics.WorkersLost);
    }

    [Fact]
    public async Task Trap71_StackOverflow_CallerLearnsThatItWasOne()
    {
        JobFailedException failure = await Bench.FailureAsync(() => KillerJob(static () => Fall(0)));

        Assert.Equal(JobFailure.KillsWorkers, failure.Reason);
        Assert.Contains("Stack overflow", failure.Message, StringComparison.Ordinal);
        Assert.Contains("partition 2", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TaskKillsItsProcess_OtherJobsOfTheSessionGoOn()
    {
        string hold = _bench.Path("hold");
        string begun = _bench.Path("begun");
        Task<long> other = _bench.Session.Range(0, 100, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                if (context.Partition == 0)
                {
                    Gate.Open(begun);
                    Gate.Pass(hold, context.Cancellation);
                }

                return rows;
            })
            .CountAsync();
        await Gate.UntilAsync(() => File.Exists(begun), "the other job begins");

        JobFailedException failure = await Bench.FailureAsync(() => KillerJob(
            static () => Signals.Send(Environment.ProcessId, Signals.Kill)));
        Gate.Open(hold);

        Assert.Contains("SIGKILL", failure.Message, StringComparison.Ordinal);
        Assert.Equal(100, await other);
        Assert.Equal(10, await _bench.Session.Range(0, 10).CountAsync());
    }

    [Fact]
    public async Task TaskExitsTheProcess_CauseNamesTheExitCode()
    {
        JobFailedException failure = await Bench.FailureAsync(() => KillerJob(
            static () => Environment.Exit(42)));

        Assert.Equal(JobFailure.KillsWorkers, failure.Reason);
        Assert.Contains("exit code 42", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TaskThrowsOnAThreadOfItsOwn_CauseNamesTheException()
    {
        JobFailedException failure = await Bench.FailureAsync(() => KillerJob(static () =>
        {
            var thread = new Thread(() => throw new InvalidOperationException("thrown where nobody catches"));
            thread.Start();
            thread.Join();
        }));

        Assert.Equal(JobFailure.KillsWorkers, failure.Reason);
        Assert.Contains("thrown where nobody catches", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TaskLeavesAChildProcessBehind_DeathOfItsWorkerIsNoticedAllTheSame()
    {
        string child = _bench.Path("child");
        Task<long> job = _bench.Session.Range(0, 4, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                if (context is { Partition: 0, Attempt: 0 })
                {
                    // It inherits the worker's standard error, and keeps it open.
                    using var sleeper = System.Diagnostics.Process.Start("sleep", "600");
                    File.WriteAllText(child + ".new", $"{sleeper.Id}");
                    File.Move(child + ".new", child);
                    Signals.Send(Environment.ProcessId, Signals.Kill);
                }

                return rows;
            })
            .CountAsync();

        int orphan = await Gate.SignedAsync(child);
        long count;
        try
        {
            count = await job.WaitAsync(TimeSpan.FromSeconds(60));
        }
        finally
        {
            Signals.Send(orphan, Signals.Kill);
        }

        Assert.Equal(4, count);
    }

    private Task<long> KillerJob(Action deed) =>
        _bench.Session.Range(0, 40, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                if (context.Partition == 2)
                {
                    deed();
                }

                return rows;
            })
            .CountAsync();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Fall(int depth) => depth < 0 ? 0 : Fall(depth + 1) + Fall(depth + 2);
}
