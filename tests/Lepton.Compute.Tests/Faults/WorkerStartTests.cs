using Lepton.Compute.Datasets;
using Lepton.Compute.Events;
using Lepton.Compute.Tests.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>Workers that can't be started: jobs fail at once and say why, instead of waiting for them.</summary>
public sealed class WorkerStartTests
{
    [Fact]
    public async Task Trap75_WorkersEndBeforeTheyAttach_SessionFailsWithWhatTheySaid()
    {
        await using Driver driver = Driver.Start("start-without-workers");

        (int code, string output) = await driver.EndAsync();

        Assert.Equal(3, code);
        Assert.StartsWith("NoWorkers: The workers did not start. Worker w", output, StringComparison.Ordinal);
        Assert.Contains("/nowhere/no-such-hook.dll", output, StringComparison.Ordinal);
        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task Trap75_NoReplacementCanBeStarted_JobsFailNowAndLater()
    {
        await using Driver driver = Driver.Start("lose-all-workers");

        (int code, string output) = await driver.EndAsync();

        Assert.Equal(3, code);
        Assert.StartsWith("first NoWorkers\nNoWorkers: 3 workers in a row ended", output, StringComparison.Ordinal);
        Assert.Contains("no-such-hook.dll", output, StringComparison.Ordinal);
        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task NoReplacementCanBeStarted_WhileAnotherWorkerLives_JobsGoOnThere()
    {
        await using Driver driver = Driver.Start("lose-one-of-two");

        (int code, string output) = await driver.EndAsync();

        Assert.Equal((0, "counted 2\n"), (code, output));
        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task WatchOverAWorker_Fails_JobsSayWhyInsteadOfWaiting()
    {
        var time = new BrokenTimers();
        await using Bench bench = await Bench.StartAsync(workers: 1, with: options => options with { Time = time });
        string running = bench.Path("running");
        Task<JobFailedException> failing = Bench.FailureAsync(() => bench.Session.Range(0, 1, partitions: 1)
            .SelectPartition((rows, context) =>
            {
                Gate.Sign(running);
                Gate.Hold(context.Cancellation);
                return rows;
            }).CountAsync());
        int worker = await Gate.SignedAsync(running);

        time.IsBroken = true;
        Signals.Send(worker, Signals.Kill);
        JobFailedException failure = await failing;
        time.IsBroken = false;

        Assert.Equal(JobFailure.Defect, failure.Reason);
        Assert.Contains("watch over w1 failed: NotSupportedException: no timers", failure.Message,
            StringComparison.Ordinal);
        IReadOnlyList<JobEvent> events = await bench.EndAsync();
        var finished = Assert.IsType<SessionFinished>(events[^1]);
        Assert.Equal(
            (false, "Lepton's watch over w1 failed: NotSupportedException: no timers"),
            (finished.Succeeded, finished.Error));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{ not json")]
    public async Task RuntimeConfig_OfTheWorkerMissingOrCorrupt_ProgramsOwnIsTaken(string? content)
    {
        using var copy = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Driver.BuildOutput))
        {
            File.Copy(file, copy.PathOf(Path.GetFileName(file)));
        }

        string config = copy.PathOf("Lepton.Compute.runtimeconfig.json");
        File.Delete(config);
        if (content is not null)
        {
            await File.WriteAllTextAsync(config, content);
        }

        await using Driver driver = Driver.Start("start", copy.Root);

        Assert.Equal((0, "counted 10\n"), await driver.EndAsync());
    }

    /// <summary>The system's clock, whose timers of one second can be broken.</summary>
    private sealed class BrokenTimers : TimeProvider
    {
        public volatile bool IsBroken;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            IsBroken && dueTime == TimeSpan.FromSeconds(1)
                ? throw new NotSupportedException("no timers")
                : System.CreateTimer(callback, state, dueTime, period);
    }
}
