using Lepton.Compute.Datasets;
using Lepton.Compute.Replay;

namespace Lepton.Compute.Tests.Replay;

public sealed class ReplayTests
{
    [Fact]
    public async Task Run_NarrowStage_ThrowsAsInTheJob()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(
            session => session.From(Enumerable.Range(0, 16), partitions: 4).Select(UserCode.RefuseSeven).ToListAsync());
        FailedTask kept = job.Kept();
        Assert.Equal("0/1", kept.Task);
        Assert.Equal("From → Select", kept.StageLabel);
        Assert.Equal($"lepton replay {job.LogPath} 0/1", TaskFailure.Of(error)!.Replay);
        AssertThrownAlike(error, job.Replay(), nameof(UserCode.RefuseSeven));
        Assert.Equal("record 7 is bad", error.Message);
    }

    [Fact]
    public async Task Run_ReduceStageOfWorkers_ReadsTheInputsThatTheBundleKept()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(
            session => session.From(Enumerable.Range(0, 1000), partitions: 6)
                .AggregateByKey(r => r % 10, _ => 0, (sum, r) => sum + r, (a, b) => a + b, partitions: 3)
                .Select(UserCode.RefuseKeyFive)
                .ToListAsync(),
            workers: 2);
        ReplayResult result = job.Replay();
        AssertThrownAlike(error, result, nameof(UserCode.RefuseKeyFive));
        Assert.Equal("key 5 has 50000", error.Message);
        Assert.True(result.ShuffleReadBytes > 0);
        Assert.Empty(result.Notes);
    }

    [Fact]
    public async Task Run_UnionOfTwoShuffles_ReadsTheOneThatThePartitionIsOf()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(session =>
        {
            Dataset<int> first = session.From(Enumerable.Range(100, 50), partitions: 2).Repartition(3);
            Dataset<int> second = session.From(Enumerable.Range(0, 50), partitions: 2).Repartition(2);
            return first.Union(second).Select(UserCode.RefuseSeven).CountAsync();
        });
        Assert.True(job.Kept().Partition >= 3);
        AssertThrownAlike(error, job.Replay(), nameof(UserCode.RefuseSeven));
    }

    [Fact]
    public async Task Run_JoinOfTwoShuffles_ReadsBoth()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(session =>
        {
            Dataset<int> left = session.From(Enumerable.Range(0, 50), partitions: 2).Repartition(2);
            Dataset<int> right = session.Generate(2, partition => Enumerable.Range(partition * 5, 5));
            return left.Join(right, l => l, r => r, (l, r) => new KeyValuePair<int, int>(l, r), partitions: 3)
                .Select(UserCode.RefuseKeyFive).ToListAsync();
        });
        Assert.Equal("key 5 has 5", error.Message);
        AssertThrownAlike(error, job.Replay(), nameof(UserCode.RefuseKeyFive));
    }

    [Fact]
    public async Task Run_StageThatWrites_WritesElsewhere()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(
            session => session.From(Enumerable.Range(0, 16), partitions: 4).Select(UserCode.RefuseSeven)
                .Select(record => $"{record}").WriteTextAsync(job.PathOf("out")));
        AssertThrownAlike(error, job.Replay(), nameof(UserCode.RefuseSeven));
        Assert.False(Directory.Exists(job.PathOf("out")));
    }

    [Fact]
    public async Task Run_CachedInput_IsComputedAgainAndSaid()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(async session =>
        {
            Dataset<int> cached = session.From(Enumerable.Range(0, 16), partitions: 4).Select(r => r + 1).Cache();
            await cached.CountAsync();
            await cached.Select(UserCode.RefuseSeven).ToListAsync();
        });
        ReplayResult result = job.Replay();
        AssertThrownAlike(error, result, nameof(UserCode.RefuseSeven));
        Assert.Contains("cache", Assert.Single(result.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_CachedBlockOfAShuffleThatIsGone_SaysThatNothingWasKept()
    {
        using var job = new FailedJob();
        await job.FailAsync(async session =>
        {
            Dataset<int> cached = session.From(Enumerable.Range(0, 16), partitions: 4).Repartition(2).Cache();
            await cached.CountAsync();
            await cached.Select(UserCode.RefuseSeven).ToListAsync();
        });
        ReplayException refused = Assert.Throws<ReplayException>(job.Replay);
        Assert.Contains("can't be replayed: nothing of its input was kept", refused.Message, StringComparison.Ordinal);
        Assert.Contains("a cached block stood in for them", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_PastDeadline_RunsWithoutOneAndSucceeds()
    {
        using var job = new FailedJob();
        string marker = job.Mark();
        Exception error = await job.FailAsync(
            session => session.From(Enumerable.Range(0, 4), partitions: 1)
                .SelectPartition((records, context) => UserCode.Hang(records, marker, context.Cancellation))
                .ToListAsync(),
            options: new LeptonSessionOptions { TaskDeadline = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(JobFailure.Deadline, Assert.IsType<JobFailedException>(error).Reason);
        Assert.NotNull(TaskFailure.Of(error)!.Replay);
        File.Delete(marker);
        ReplayResult result = job.Replay();
        Assert.Null(result.Thrown);
        Assert.Null(result.FailedAlike);
        Assert.True(result.BytesOut > 0);
        Assert.Contains("past its deadline of 50 ms. Replay sets no " +
            "deadline", Assert.Single(result.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OutOfMemory_SaysTheBudget()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(
            session => session.From([1]).Select(Exhaust).ToListAsync(),
            options: new LeptonSessionOptions { MemoryPerWorkerBytes = 64 << 20 });
        Assert.Equal(JobFailure.Memory, Assert.IsType<JobFailedException>(error).Reason);
        ReplayResult result = job.Replay();
        Assert.IsType<InsufficientMemoryException>(result.Thrown);
        Assert.Contains("Replay sets no limit; its worker had 64 MiB for 2 " +
            "task(s)", Assert.Single(result.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_TaskThatTookWorkersDown_HasTheInputsThatTheyHeld()
    {
        using var job = new FailedJob();
        string marker = job.Mark();
        Exception error = await job.FailAsync(
            session => session.From(Enumerable.Range(0, 100), partitions: 4).Repartition(2)
                .Select(record => UserCode.KillWorker(record, marker)).ToListAsync(),
            workers: 2,
            new LeptonSessionOptions { WorkerKillsMax = 2 });
        Assert.Equal(JobFailure.KillsWorkers, Assert.IsType<JobFailedException>(error).Reason);
        File.Delete(marker);
        ReplayResult result = job.Replay();
        Assert.Null(result.Thrown);
        Assert.Contains("took workers down with it", Assert.Single(result.Notes), StringComparison.Ordinal);
        Assert.True(result.ShuffleReadBytes > 50);
    }

    [Fact]
    public async Task Run_AnotherBuildOfLeptonHere_RunsTheProgramsOwn()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(
            session => session.From(Enumerable.Range(0, 16), partitions: 4).Repartition(2).Select(UserCode.RefuseSeven)
                .ToListAsync());
        using ReplayBundle bundle = ReplayBundle.Open(job.Kept().Bundle!);
        ReplayResult result = OtherLepton.Run(job.Kept().Bundle!, bundle.Manifest, new ReplayOptions(), default);
        AssertThrownAlike(error, result, nameof(UserCode.RefuseSeven));
        Assert.True(result.ShuffleReadBytes > 0);
    }

    [Fact]
    public async Task Run_MapStage_CountsRecordsAndBytes()
    {
        using var job = new FailedJob();
        string marker = job.Mark();
        await job.FailAsync(
            session => session.From(Enumerable.Range(0, 4), partitions: 1)
                .Select(record => File.Exists(marker) ? throw new InvalidOperationException("marked") : record)
                .Repartition(2).CountAsync());
        File.Delete(marker);
        ReplayResult result = job.Replay();
        Assert.False(result.FailedAlike);
        Assert.Equal(4, result.RecordsOut);
        Assert.True(result.BytesOut > 4);
    }

    [Fact]
    public async Task Run_PartitionContext_IsTheFailedAttempts()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(
            session => session.From(Enumerable.Range(0, 4), partitions: 4).SelectPartition(Tell).ToListAsync(),
            options: new LeptonSessionOptions { UserRetriesMax = 1 });
        Assert.Equal("partition 2, attempt 1, worker threads", error.Message);
        Assert.True(job.Replay().FailedAlike);
    }

    private static IEnumerable<int> Tell(IEnumerable<int> records, PartitionContext context) =>
        context.Partition == 2
            ? throw new InvalidOperationException(
                $"partition {context.Partition}, attempt {context.Attempt}, worker {context.Worker}")
            : records;

    private static int Exhaust(int record) => throw new InsufficientMemoryException($"no room for {record}");

    private static void AssertThrownAlike(Exception error, ReplayResult result, string frame)
    {
        // The replayed type comes from the build that the bundle names: another load context, the same name.
        Assert.NotNull(result.Thrown);
        Assert.Equal(error.GetType().FullName, result.Thrown.GetType().FullName);
        Assert.Equal(error.Message, result.Thrown.Message);
        Assert.True(result.FailedAlike);
        Assert.Contains(frame, error.StackTrace, StringComparison.Ordinal);
        Assert.Contains(frame, result.Thrown.StackTrace, StringComparison.Ordinal);
    }
}
