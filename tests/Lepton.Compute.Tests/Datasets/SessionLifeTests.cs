using System.Collections.Concurrent;
using Lepton.Compute.Datasets;
using Lepton.Compute.Session;
using Lepton.Compute.Tests.Faults;
using Lepton.Core.Balancing;

namespace Lepton.Compute.Tests.Datasets;

/// <summary>The life of a session of threads: what goes on at once, what ends it, and what is left.</summary>
public sealed class SessionLifeTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("lepton-session-").FullName;

    private LeptonSessionOptions Options => new() { EventLogPath = "", WorkDirectory = _root };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task DisposeAsync_Twice_LeavesNothing()
    {
        LeptonSession session = await LeptonSession.LocalAsync(threads: 2, options: Options);
        await session.Range(0, 100, 4).Repartition(3).Cache().CountAsync();
        await session.DisposeAsync();
        await session.DisposeAsync();
        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public async Task Use_AfterDispose_Throws()
    {
        LeptonSession session = await LeptonSession.LocalAsync(threads: 1, options: Options);
        Dataset<long> data = session.Range(0, 10);
        await session.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => data.CountAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => data.Checkpoint(_root).FirstAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.WorkersAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => session.KillWorkerAsync("threads"));
        await data.Cache().UncacheAsync();
        Assert.Equal(0, session.Statistics.Tasks);
    }

    [Fact]
    public async Task DisposeAsync_JobsRun_TheyFailAndNothingIsLeft()
    {
        LeptonSession session = await LeptonSession.LocalAsync(threads: 2, options: Options);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        session.TaskFinished += _ => started.TrySetResult();
        Dataset<int> endless = session.Generate(3, p => p == 0 ? [] : Enumerable.Range(0, int.MaxValue));
        Task<long>[] jobs = [endless.CountAsync(), endless.Repartition(2).CountAsync(), endless.OrderBy(i =>
            i).CountAsync()];
        await started.Task;
        await session.DisposeAsync();
        foreach (Task<long> job in jobs)
        {
            Exception e = await Assert.ThrowsAnyAsync<Exception>(() => job);
            Assert.True(
                e is ObjectDisposedException or JobFailedException { Message: "The session was disposed while the " +
                    "job ran." },
                e.ToString());
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_root));
    }

    [Fact]
    public async Task Action_IsOver_ItsFilesAreGone()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(threads: 2, options: Options);
        await session.Range(0, 1000, 4).OrderBy(i => -i, partitions: 3).CountAsync();
        await session.Generate(1, _ => new[] { new string('x', 3_000_000) }).ToListAsync();
        await session.WorkersAsync();
        Assert.Empty(Directory.EnumerateFiles(_root, "shuffle-*", SearchOption.AllDirectories));
        Assert.Empty(Directory.EnumerateFiles(_root, "value-*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Cancel_WhileTasksRun_EndsThemAndSpares()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(threads: 2, options: Options);
        using var canceller = new CancellationTokenSource();
        Task<long> endless = session.Generate(3, _ => Enumerable.Range(0, int.MaxValue)).CountAsync(canceller.Token);
        Task<long> other = session.Range(0, 50, 5).CountAsync();
        canceller.Cancel();
        OperationCanceledException e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless);
        Assert.Equal(canceller.Token, e.CancellationToken);
        Assert.Equal(50, await other);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.Range(0, 50).CountAsync(canceller.Token));
    }

    [Fact]
    public async Task Action_ReleasedWhileItRuns_LetsItsCallerGoOn()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(threads: 1, options: Options);
        Dataset<int> endless = session.Generate(1, _ => Enumerable.Range(0, int.MaxValue));
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        session.TaskFinished += _ => started.TrySetResult();
        ActionScope scope = session.BeginAction("Count");
        Task<long[]> running = RunAsync(scope, session.Generate(1, _ => new[] { 1 }).Repartition(1)
            .SelectPartition(_ => Enumerable.Range(0, int.MaxValue)));
        await started.Task;
        await scope.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RunAsync(scope, endless));
        Assert.Equal(3, await session.From([1, 2, 3]).CountAsync());

        static Task<long[]> RunAsync(ActionScope scope, Dataset<int> data) => scope.RunAsync(
            data.Node, static (records, context) => context.Watch(records).LongCount(), CancellationToken.None);
    }

    [Fact]
    public async Task TaskFinished_HandlerThrows_FailsItsJobAlone()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(threads: 2, options: Options);
        Action<TaskReport> broken = _ => throw new FormatException("from the handler");
        session.TaskFinished += broken;
        FormatException e = await Assert.ThrowsAsync<FormatException>(() => session.Range(0, 50, 5).CountAsync());
        Assert.Equal("from the handler", e.Message);
        session.TaskFinished -= broken;
        Assert.Equal(50, await session.Range(0, 50, 5).CountAsync());
    }

    [Fact]
    public async Task Progress_ListenerThrows_FailsItsJob()
    {
        LeptonSessionOptions options = Options with { Progress = new Broken() };
        await using LeptonSession session = await LeptonSession.LocalAsync(threads: 1, options: options);
        await Assert.ThrowsAsync<FormatException>(() =>
            session.Generate(1, _ => Enumerable.Range(0, int.MaxValue)).CountAsync());
    }

    [Fact]
    public async Task Progress_OfAJob_RisesToItsTotal()
    {
        var heard = new Heard();
        string folder = Directory.CreateDirectory(Path.Combine(_root, "gates")).FullName;
        await using LeptonSession session =
            await LeptonSession.LocalAsync(threads: 2, options: Options with { Progress = heard });

        // Each task waits until those before it were told of, so that a slow machine misses none.
        Task<long> job = session.Range(0, 8, partitions: 4)
            .SelectPartition((rows, context) =>
            {
                Gate.Pass(Path.Combine(folder, $"{context.Partition}"), context.Cancellation);
                return rows;
            })
            .Repartition(2)
            .CountAsync();
        for (int done = 0; done < 4; done++)
        {
            await Gate.UntilAsync(() => heard.All.Any(told => told.TasksDone == done), $"{done} tasks are told of");
            Gate.Open(Path.Combine(folder, $"{done}"));
        }

        Assert.Equal(8, await job);
        IReadOnlyList<JobProgress> all = heard.All;
        Assert.All(all, told => Assert.Equal(
            (all[0].Job, 6, 0, 1), (told.Job, told.TasksTotal, told.Retries, told.Workers)));
        Assert.Equal(all.Select(told => told.TasksDone).Order(), all.Select(told => told.TasksDone));
        Assert.Equal(6, all[^1].TasksDone);
    }

    [Fact]
    public async Task Progress_OfAJobShorterThanAMoment_IsToldAtItsEnd()
    {
        var heard = new Heard();
        await using LeptonSession session =
            await LeptonSession.LocalAsync(threads: 2, options: Options with { Progress = heard });
        Assert.Equal(10, await session.Range(0, 10, partitions: 3).CountAsync());
        Assert.Equal((3, 3), (heard.All[^1].TasksDone, heard.All[^1].TasksTotal));
    }

    [Fact]
    public async Task Balancing_OfTheOptions_ChoosesTheWorkers()
    {
        int made = 0;
        LeptonSessionOptions options = Options with
        {
            Balancing = () =>
            {
                made++;
                return new Last();
            },
        };
        await using LeptonSession session = await LeptonSession.LocalAsync(workers: 2, options: options);
        for (int job = 0; job < 4; job++)
        {
            Assert.Equal(10, await session.Range(0, 10, partitions: 1).CountAsync());
        }

        Assert.Equal(4, session.Statistics.TasksByWorker["w2"]);
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task Balancing_WithoutAPolicy_IsRefusedAtTheStart() => Assert.StartsWith(
        "LeptonSessionOptions.Balancing made no policy",
        (await Assert.ThrowsAsync<ArgumentException>(() => LeptonSession.LocalAsync(
            threads: 2, options: Options with { Balancing = static () => null! }))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(-7)]
    [InlineData(99)]
    public async Task Balancing_ErringPolicy_FailsEveryJobInItsName(int chosen)
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(
            threads: 2, options: Options with { Balancing = () => new Erring(chosen) });
        Task<long> beside = session.Range(0, 10, partitions: 3).CountAsync();
        JobFailedException failure = await Assert.ThrowsAsync<JobFailedException>(
            () => session.Range(0, 10, partitions: 3).CountAsync());

        Assert.Equal(JobFailure.BalancingPolicy, failure.Reason);
        Assert.Contains(typeof(Erring).FullName!, failure.Message, StringComparison.Ordinal);
        Assert.Contains("expected an index from 0 to 0", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", failure.Message, StringComparison.Ordinal);
        Assert.Equal(chosen == 99, failure.InnerException is InvalidOperationException);
        await Assert.ThrowsAsync<JobFailedException>(() => beside);
    }

    [Fact]
    public async Task Statistics_AfterAJob_CountItsTasks()
    {
        await using LeptonSession session = await LeptonSession.LocalAsync(threads: 2, options: Options);
        await session.Range(0, 50, 5).Repartition(3).CountAsync();
        SessionStatistics done = session.Statistics;
        Assert.Equal((8, 8, 0, 0), (done.Tasks, done.TasksByWorker["threads"], done.RetryCount, done.WorkersLost));
        Assert.NotNull(done.FirstTaskStarted);
        WorkerInfo worker = Assert.Single(await session.WorkersAsync());
        Assert.Equal(("threads", Environment.ProcessId, 0, 8),
            (worker.Name, worker.ProcessId, worker.Outstanding, worker.Finished));
        Assert.False(await session.KillWorkerAsync("threads"));
        Assert.False(await session.KillWorkerAsync("w9"));
    }

    [Fact]
    public async Task LocalAsync_OldSessionsOwnerIsDead_SweepsItAndSparesTheLiving()
    {
        await using LeptonSession living = await LeptonSession.LocalAsync(threads: 1, options: Options);
        string dead = Path.Combine(_root, "session-00dead00beef");
        Directory.CreateDirectory(Path.Combine(dead, "w1"));
        await File.WriteAllTextAsync(Path.Combine(dead, "w1", "shuffle"), "left behind");
        await File.WriteAllTextAsync(dead + ".owner", "4711");
        await using LeptonSession next = await LeptonSession.LocalAsync(threads: 1, options: Options);
        Assert.False(Directory.Exists(dead));
        Assert.False(File.Exists(dead + ".owner"));
        Assert.Equal(10, await living.Range(0, 10, 2).Repartition(2).CountAsync());
        Assert.Equal(2, Directory.GetDirectories(_root).Length);
    }

    [Fact]
    public async Task LocalAsync_OptionsOutOfBounds_NamesThemAll()
    {
        var wrong = new LeptonSessionOptions
        {
            MemoryPerWorkerBytes = 1,
            RetriesMax = -1,
            UserRetriesMax = 101,
            WorkerKillsMax = 0,
            TaskDeadline = TimeSpan.Zero,
            CancelGrace = TimeSpan.Zero,
            WorkerSilenceMax = TimeSpan.FromSeconds(1),
            SpeculateAfter = TimeSpan.FromSeconds(-1),
        };
        ArgumentException e = await Assert.ThrowsAsync<ArgumentException>(() =>
            LeptonSession.LocalAsync(threads: 1, options: wrong));
        Assert.Equal(
            "The session's options are out of bounds: MemoryPerWorkerBytes is 1, expected 64 MiB or more; " +
            "RetriesMax is -1, expected 0 to 100; UserRetriesMax is 101, expected 0 to 100; WorkerKillsMax is 0, " +
                "expected 1 to 100; " +
            "TaskDeadline is 00:00:00, expected more than zero, or null; CancelGrace is 00:00:00, expected more " +
                "than zero; " +
            "WorkerSilenceMax is 00:00:01, expected 2 s or more; SpeculateAfter is -00:00:01, expected more than zero.",
            e.Message);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("workers", () => LeptonSession.LocalAsync(workers: -1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>("threads", () => LeptonSession.LocalAsync(threads: -1));
    }

    [Fact]
    public async Task Deadline_TaskRunsPastIt_FailsTheJob()
    {
        LeptonSessionOptions options = Options with { TaskDeadline = TimeSpan.FromMilliseconds(150) };
        await using LeptonSession session = await LeptonSession.LocalAsync(threads: 1, options: options);
        JobFailedException e = await Assert.ThrowsAsync<JobFailedException>(
            () => session.Generate(1, _ => Enumerable.Range(0, int.MaxValue)).CountAsync());
        Assert.Equal(JobFailure.Deadline, e.Reason);
        Assert.Matches(
            @"^Count failed: stage \d+ \(Generate\), partition 0, attempt 0, worker threads: it ran for \d+ ms, " +
            @"past its " +
            @"deadline of 150 ms\. Raise TaskDeadline or cut the work into more partitions\.$",
            e.Message);
    }

    private sealed class Broken : IProgress<JobProgress>
    {
        public void Report(JobProgress value) => throw new FormatException("from the listener");
    }

    private sealed class Heard : IProgress<JobProgress>
    {
        private readonly ConcurrentQueue<JobProgress> _all = new();

        public IReadOnlyList<JobProgress> All => [.. _all];

        public void Report(JobProgress value) => _all.Enqueue(value);
    }

    private sealed class Last : IBalancingPolicy
    {
        public int Choose(ReadOnlySpan<BalancingCandidate> candidates)
        {
            int last = 0;
            for (int i = 1; i < candidates.Length; i++)
            {
                last = candidates[i].Id > candidates[last].Id ? i : last;
            }

            return last;
        }
    }

    private sealed class Erring(int chosen) : IBalancingPolicy
    {
        public int Choose(ReadOnlySpan<BalancingCandidate> candidates) =>
            chosen < 99 ? chosen : throw new InvalidOperationException("I can't choose.");
    }
}
