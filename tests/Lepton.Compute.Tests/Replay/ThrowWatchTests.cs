using Lepton.Compute.Datasets;
using Lepton.Compute.Replay;

namespace Lepton.Compute.Tests.Replay;

public sealed class ThrowWatchTests
{
    [Fact]
    public async Task Run_DebuggerAttached_StopsWhileTheThrowersFramesStand()
    {
        using var job = new FailedJob();
        await job.FailAsync(session => session.From([7], partitions: 1).Select(Refuse).ToListAsync());
        Assert.Contains(nameof(Refuse), Assert.Single(Replay(job)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ThrowThatTheEngineWraps_StopsAtTheThrowItself()
    {
        using var job = new FailedJob();
        Exception error = await job.FailAsync(
            session => session.From([3, 2, 1], partitions: 1).OrderBy(record => record, new PickyComparer())
                .ToListAsync());
        Assert.NotNull(error.InnerException);
        Assert.Contains(nameof(PickyComparer), Assert.Single(Replay(job)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_OtherErrorThanInTheJob_StopsToo()
    {
        using var job = new FailedJob();
        string marker = job.Mark();
        await job.FailAsync(
            session => session.From([7], partitions: 1).Select(record => RefuseWith(record, File.Exists(marker)))
                .ToListAsync());
        File.Delete(marker);
        Assert.Contains(nameof(RefuseWith), Assert.Single(Replay(job)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WaitForDebugger_SaysTheProcessAndCanBeCancelled()
    {
        using var job = new FailedJob();
        await job.FailAsync(session => session.From([7], partitions: 1).Select(Refuse).ToListAsync());
        List<string> said = [];
        int asked = 0;
        var options = new ReplayOptions { WaitForDebugger = true, Say = said.Add };
        var late = new DebuggerPort(() => ++asked > 2, () => { });
        Assert.NotNull(ReplayRunner.Run(job.Kept().Bundle!, options, late, default).Thrown);
        Assert.Equal(
            [$"Waiting for a debugger to attach to process {Environment.ProcessId}. Ctrl+C ends it."], said);
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        var never = new DebuggerPort(() => false, () => { });
        Assert.Throws<OperationCanceledException>(
            () => ReplayRunner.Run(job.Kept().Bundle!, options, never, cancel.Token));
    }

    private static int Refuse(int record) => throw new BadRecordException($"watched record {record}", record);

    private static int RefuseWith(int record, bool marked) =>
        marked ? throw new BadRecordException("marked", record) : throw new InvalidOperationException("not marked");

    private static List<string> Replay(FailedJob job)
    {
        List<string> stops = [];
        var debugger = new DebuggerPort(() => true, () => stops.Add(Environment.StackTrace));
        ReplayResult result = ReplayRunner.Run(job.Kept().Bundle!, new ReplayOptions(), debugger, default);
        Assert.NotNull(result.Thrown);
        return stops;
    }

    private sealed class PickyComparer : IComparer<int>
    {
        public int Compare(int x, int y) => throw new BadRecordException("incomparable", x);
    }
}
