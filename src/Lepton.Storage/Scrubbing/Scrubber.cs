using Lepton.Storage.Blocks;
using Lepton.Storage.Replication;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Scrubbing;

/// <summary>
/// Reads and verifies all blocks of this node, over and over, one at a time. Has those that are damaged repaired.
/// </summary>
/// <param name="blocks">The blocks.</param>
/// <param name="repairs">Takes note of damaged ones.</param>
/// <param name="file">Keeps how far it is.</param>
/// <param name="within">Within which time each block is read again; zero for never.</param>
/// <param name="timeProvider">The clock.</param>
/// <param name="logger">Where it is told what was found.</param>
internal sealed class Scrubber(
    BlockStore blocks, IRepairQueue repairs, IScrubFile file, TimeSpan within, TimeProvider timeProvider,
    ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan s_saveTime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_faultPause = TimeSpan.FromMinutes(1);
    private readonly CancellationTokenSource _stopping = new();
    private ScrubPlan? _plan;
    private SegmentCheck? _reading;
    private ScrubProgress _progress = ScrubProgress.None;
    private DateTimeOffset _savedAt = DateTimeOffset.MinValue;
    private bool _wasLate;
    private Task _running = Task.CompletedTask;

    /// <summary>How far it is.</summary>
    public ScrubProgress Progress => Volatile.Read(ref _progress);

    /// <summary>How many passes have ended since the node started.</summary>
    internal int Passes => Plan.Passes;

    private DateTimeOffset Now => timeProvider.GetUtcNow();

    private ScrubPlan Plan => _plan ??= new ScrubPlan(within, file.Load());

    /// <summary>Begins, where it is to read at all.</summary>
    public void Start()
    {
        if (within > TimeSpan.Zero)
        {
            _running = blocks.Options.Threads.RunAsync(RunAsync);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _reading?.Dispose();
        if (_plan is not null)
        {
            TrySave();
        }

        _stopping.Dispose();
    }

    /// <summary>Reads one block, or finds that it is not time yet.</summary>
    /// <returns>How long to wait before the next, in whole milliseconds.</returns>
    /// <exception cref="IOException">The disk can't be used.</exception>
    internal async Task<TimeSpan> StepAsync(CancellationToken cancellationToken)
    {
        int passes = Plan.Passes;
        long damaged = Progress.Damaged;
        List<SegmentFile> segments = blocks.Segments();
        ScrubStep step = Plan.Next([.. segments.Select(static one => new SegmentExtent(one.Number, one.Length))], Now);
        if (Plan.Passes > passes)
        {
            StorageLog.ScrubDone(logger, damaged);
        }

        if (step.Wait == TimeSpan.Zero)
        {
            await ReadAsync(segments.Find(one => one.Number == step.Segment)!, step.Offset, cancellationToken)
                .ConfigureAwait(false);
        }

        Volatile.Write(ref _progress, Plan.Progress(Now));
        TellWhetherLate();

        // Timers cut off what is less than a millisecond: it would be asked again and again until that is over.
        return TimeSpan.FromMilliseconds(Math.Ceiling(step.Wait.TotalMilliseconds));
    }

    private async Task ReadAsync(SegmentFile segment, long offset, CancellationToken cancellationToken)
    {
        if (_reading?.Segment != segment)
        {
            _reading?.Dispose();
            _reading = await SegmentCheck.OpenAsync(blocks, segment, offset, cancellationToken).ConfigureAwait(false);
        }

        bool isDamaged = false;
        long end = _reading.End;
        if (await _reading.NextAsync(cancellationToken).ConfigureAwait(false) is { } found)
        {
            isDamaged = found.Condition is BlockCondition.Damaged or BlockCondition.Rescued;
            if (found.Condition == BlockCondition.Damaged)
            {
                repairs.Add(found.Block);
            }

            end = found.End;
        }

        bool isDone = _reading.IsDone;
        if (isDone)
        {
            await _reading.CompleteAsync().ConfigureAwait(false);
            end = _reading.End;
            _reading.Dispose();
            _reading = null;
        }

        Plan.Advance(end, isDamaged ? 1 : 0, Now);
        if (isDone || isDamaged || Now - _savedAt >= s_saveTime)
        {
            TrySave();
        }
    }

    private void TellWhetherLate()
    {
        if (Plan.IsLate && !_wasLate)
        {
            StorageLog.ScrubLate(logger, Progress.Oldest, within);
        }

        _wasLate = Plan.IsLate;
    }

    private void TrySave()
    {
        // Also where it fails: it is tried again after a while, not behind each block.
        _savedAt = Now;
        try
        {
            file.Save(Plan.Record);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Such as on a full disk. What was saved before is behind, not wrong.
            StorageLog.UpkeepFailed(logger, e.Message);
        }
    }

    private async Task RunAsync()
    {
        while (true)
        {
            TimeSpan wait = s_faultPause;
            try
            {
                wait = await StepAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Whatever it was: a scrub that has silently ended finds nothing any more.
                StorageLog.ScrubFailed(logger, e.Message);
                _reading?.Dispose();
                _reading = null;
            }

            _stopping.Token.ThrowIfCancellationRequested();
            await Task.Delay(wait, timeProvider, _stopping.Token).ConfigureAwait(false);
        }
    }
}
