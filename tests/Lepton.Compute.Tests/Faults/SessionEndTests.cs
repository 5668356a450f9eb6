using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>Disposing a session in the midst of things: whoever waits is told, and nothing is left.</summary>
public sealed class SessionEndTests
{
    [Fact]
    public async Task Dispose_WhileAJobRuns_CallerIsToldAndWorkersAreGone()
    {
        await using Bench bench = await Bench.StartAsync();
        string begun = bench.Path("begun");
        Task<long> job = HoldingJob(bench, begun);
        await Gate.SignedAsync(begun);

        await bench.EndAsync();

        JobFailedException failure = await Bench.FailureAsync(() => job.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(JobFailure.SessionEnded, failure.Reason);
        Assert.Contains("disposed while the job ran", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_WhileOutputsAreWritten_NoHalfOfThemStays()
    {
        await using Bench bench = await Bench.StartAsync();
        string begun = bench.Path("begun");
        string parent = Directory.CreateDirectory(bench.Path("out")).FullName;
        Task<long> job = bench.Session.Range(0, 100, partitions: 2)
            .Select(row => $"{row}")
            .SelectPartition((rows, context) =>
            {
                Gate.Sign(begun);
                Gate.Hold(context.Cancellation);
                return rows;
            })
            .WriteTextAsync(Path.Combine(parent, "lines"));
        await Gate.SignedAsync(begun);

        await bench.EndAsync();

        await Assert.ThrowsAsync<JobFailedException>(() => job.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(Directory.GetFileSystemEntries(parent));
    }

    [Fact]
    public async Task Dispose_RightAfterAWorkerDied_LeavesNoReplacement()
    {
        await using Bench bench = await Bench.StartAsync(workers: 1);
        string folder = bench.WorkDirectory;
        int victim = Assert.Single(await bench.ProcessesAsync());
        Signals.Send(victim, Signals.Kill);
        await Gate.UntilAsync(() => !Signals.IsAlive(victim), "the worker dies");

        await bench.EndAsync();

        Assert.Empty(Directory.GetFileSystemEntries(folder));
        Assert.Empty(Signals.UsersOf(folder));
    }

    [Fact]
    public async Task Session_AfterItsEnd_RefusesJobs()
    {
        await using Bench bench = await Bench.StartAsync(workers: 0, threads: 1);
        Dataset<long> rows = bench.Session.Range(0, 10);
        await bench.EndAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => rows.CountAsync());
        Assert.Throws<ObjectDisposedException>(() => { _ = bench.Session.WorkersAsync(); });
    }

    [Fact]
    public async Task Dispose_WhileThreadsRunAJob_CallerIsTold()
    {
        await using Bench bench = await Bench.StartAsync(workers: 0, threads: 2);
        string begun = bench.Path("begun");
        Task<long> job = HoldingJob(bench, begun);
        await Gate.SignedAsync(begun);

        await bench.EndAsync();

        await Assert.ThrowsAsync<JobFailedException>(() => job.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static Task<long> HoldingJob(Bench bench, string begun) =>
        bench.Session.Range(0, 10, partitions: 2)
            .SelectPartition((rows, context) =>
            {
                Gate.Sign(begun);
                Gate.Hold(context.Cancellation);
                return rows;
            })
            .CountAsync();
}
