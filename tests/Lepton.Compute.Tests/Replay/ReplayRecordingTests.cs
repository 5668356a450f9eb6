using Lepton.Compute.Datasets;
using Lepton.Compute.Replay;

namespace Lepton.Compute.Tests.Replay;

public sealed class ReplayRecordingTests
{
    [Fact]
    public async Task Session_NothingFailed_WritesNothing()
    {
        using var job = new FailedJob();
        await using (LeptonSession session = await LeptonSession.LocalAsync(
            threads: 2, options: new LeptonSessionOptions { EventLogPath = job.LogPath }))
        {
            Assert.Equal(3, await session.From([1, 2, 3]).CountAsync());
        }

        Assert.False(Directory.Exists(job.BundleFolder));
        Assert.Empty(ReplayLog.Open(job.LogPath).Failed);
    }

    [Fact]
    public async Task Session_FailedThenRetried_WritesNothing()
    {
        using var job = new FailedJob();
        await using (LeptonSession session = await LeptonSession.LocalAsync(
            threads: 2, options: new LeptonSessionOptions { EventLogPath = job.LogPath, UserRetriesMax = 1 }))
        {
            Assert.Equal(1, await session.From([1], partitions: 1).SelectPartition(FailFirst).CountAsync());
        }

        Assert.False(Directory.Exists(job.BundleFolder));
        ReplayException refused = Assert.Throws<ReplayException>(() => ReplayLog.Open(job.LogPath).Find("0/0"));
        Assert.StartsWith("Task 0/0 (From → SelectPartition) did not fail: attempt 1 succeeded on worker 1. Only a " +
            "task at",
            refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    public async Task Session_SwitchedOff_WritesNothing(long bytesMax)
    {
        using var job = new FailedJob();
        LeptonSessionOptions options = new() { ReplayBytesMax = bytesMax };
        if (bytesMax < 0)
        {
            ArgumentException refused = Assert.Throws<ArgumentException>(options.Validate);
            Assert.Contains("ReplayBytesMax is -1, expected 0 or more", refused.Message, StringComparison.Ordinal);
            return;
        }

        Exception error = await job.FailAsync(FailSeven, options: options);
        Assert.Null(TaskFailure.Of(error)!.Replay);
        Assert.False(Directory.Exists(job.BundleFolder));
    }

    [Fact]
    public async Task Open_BundlesThatOthersCouldHaveWritten_AreRefused()
    {
        using var job = new FailedJob();
        await job.FailAsync(FailSeven);
        Rights.Set(job.BundleFolder, Rights.OwnerOnly | UnixFileMode.OtherWrite);

        ReplayException refused = Assert.Throws<ReplayException>(() => ReplayLog.Open(job.LogPath));

        Assert.StartsWith(
            "What was kept for replay is not trusted: other users of this machine may write to the folder " +
                $"'{job.BundleFolder}'",
            refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_FolderThatOthersMayWrite_KeepsNothingAndLeavesTheJobsOwnError()
    {
        using var job = new FailedJob();
        Directory.CreateDirectory(job.BundleFolder);
        Rights.Set(job.BundleFolder, Rights.OwnerOnly | UnixFileMode.OtherWrite);

        Exception error = await job.FailAsync(FailSeven);

        Assert.Null(TaskFailure.Of(error)!.Replay);
        Assert.False(File.Exists(job.Bundle("0-0")));
    }

    [Fact]
    public async Task Record_FolderCannotBeMade_LeavesTheJobsOwnError()
    {
        using var job = new FailedJob();
        File.WriteAllText(job.BundleFolder, "a file where the folder should be");
        Exception error = await job.FailAsync(FailSeven);
        Assert.IsType<BadRecordException>(error);
        Assert.Equal("record 7 is bad", error.Message);
        Assert.Null(TaskFailure.Of(error)!.Replay);
        FailedTask failed = Assert.Single(ReplayLog.Open(job.LogPath).Failed);
        Assert.Contains(job.BundleFolder, failed.NotKept, StringComparison.Ordinal);
        ReplayException refused = Assert.Throws<ReplayException>(() => ReplayLog.Open(job.LogPath).Find("0/0"));
        Assert.StartsWith("Task 0/0 can't be replayed: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_ProgramPastTheLimit_KeepsNothingAndSaysWhy()
    {
        using var job = new FailedJob();
        byte[] captured = new byte[100_000];
        Exception error = await job.FailAsync(
            session => session.From(Enumerable.Range(0, 8), partitions: 1)
                .Select(record => UserCode.RefuseSeven(record) + captured.Length).ToListAsync(),
            options: new LeptonSessionOptions { ReplayBytesMax = 50_000 });
        Assert.IsType<BadRecordException>(error);
        Assert.Null(TaskFailure.Of(error)!.Replay);
        Assert.False(Directory.Exists(job.BundleFolder));
        FailedTask failed = Assert.Single(ReplayLog.Open(job.LogPath).Failed);
        Assert.StartsWith("its program, with what its functions captured, takes " +
            "9", failed.NotKept, StringComparison.Ordinal);
        Assert.EndsWith("more than fits into the 48.8 KiB of a bundle " +
            "(ReplayBytesMax)", failed.NotKept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_InputPastTheLimit_KeepsWhatFitsAndSaysSo()
    {
        using var job = new FailedJob();
        await job.FailAsync(
            session => session.Range(0, 30_000, partitions: 3).Repartition(1)
                .Select(record => record == 29_999 ? throw new InvalidOperationException("the " +
                    "last") : record).CountAsync(),
            options: new LeptonSessionOptions { ReplayBytesMax = 45_000 });
        ReplayResult result = job.Replay();
        Assert.Null(result.Thrown);
        Assert.False(result.FailedAlike);
        Assert.InRange(result.ShuffleReadBytes, 10_000, 45_000);
        Assert.Matches(
            "^[23] of the 3 map outputs of shuffle [0-9]+ are not there whole: the bundle was full at its limit of " +
            "43.9 KiB.$",
            Assert.Single(result.Notes));
    }

    [Fact]
    public async Task Record_ManyFailedJobs_KeepsTheFirstTen()
    {
        using var job = new FailedJob();
        await job.FailAsync(async session =>
        {
            Exception? last = null;
            for (int i = 0; i <= ReplayRecorder.BundlesMax; i++)
            {
                last = await Record.ExceptionAsync(() => FailSeven(session));
            }

            throw last!;
        });
        ReplayLog log = ReplayLog.Open(job.LogPath);
        Assert.Equal(ReplayRecorder.BundlesMax, Directory.GetFiles(job.BundleFolder).Length);
        Assert.Equal("this session keeps 10 failed tasks at most", log.Failed[^1].NotKept);
        Assert.Equal(ReplayRecorder.BundlesMax + 1, log.Failed.Count);
    }

    [Fact]
    public async Task Record_Bundle_IsTheUsersOnlyAndHasNoPartialBesideIt()
    {
        using var job = new FailedJob();
        await job.FailAsync(FailSeven);
        string bundle = Assert.Single(Directory.GetFiles(job.BundleFolder));
        Assert.Equal("0-0.bundle", Path.GetFileName(bundle));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(bundle));
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
                File.GetUnixFileMode(job.BundleFolder));
        }
    }

    private static Task FailSeven(LeptonSession session) =>
        session.From(Enumerable.Range(0, 8), partitions: 1).Select(UserCode.RefuseSeven).ToListAsync();

    private static IEnumerable<int> FailFirst(IEnumerable<int> records, PartitionContext context) =>
        context.Attempt == 0 ? throw new InvalidOperationException("the first time") : records;
}
