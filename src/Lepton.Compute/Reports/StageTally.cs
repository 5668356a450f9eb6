using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Sums up one stage while the log is read.</summary>
internal sealed class StageTally(int stage, int colour)
{
    private readonly DurationHistogram _durations = new();
    private string _name = $"stage {stage}";
    private int _taskCount;
    private IReadOnlyList<int> _parents = [];
    private long _attempts;
    private long _succeeded;
    private long _retries;
    private long _rowsOut;
    private long _shuffleReadBytes;
    private long _shuffleWrittenBytes;
    private long _spilledBytes;
    private long _peakMemoryBytes;
    private double? _seconds;

    public int Colour => colour;

    public void Add(StageStarted started)
    {
        // A stage that runs again for lost output says so again; its first task count is the whole one.
        _name = started.Name;
        _taskCount = Math.Max(_taskCount, started.TaskCount);
        _parents = started.Parents;
    }

    public void Add(StageFinished finished) => _seconds = (_seconds ?? 0) + finished.Seconds;

    public void AddRetry() => _retries++;

    public void Add(TaskFinished task)
    {
        _attempts++;
        _peakMemoryBytes = Math.Max(_peakMemoryBytes, task.PeakMemoryBytes);
        if (task.Outcome == TaskOutcome.Succeeded)
        {
            _succeeded++;
            _rowsOut += task.RowsOut;
            _shuffleReadBytes += task.ShuffleReadBytes;
            _shuffleWrittenBytes += task.ShuffleWrittenBytes;
            _spilledBytes += task.SpilledBytes;
            _durations.Add(task.DurationMs);
        }
    }

    public StageSummary ToSummary() => new()
    {
        Stage = stage,
        Name = _name,
        TaskCount = _taskCount,
        Colour = colour,
        Parents = _parents,
        Attempts = _attempts,
        Succeeded = _succeeded,
        Retries = _retries,
        RowsOut = _rowsOut,
        ShuffleReadBytes = _shuffleReadBytes,
        ShuffleWrittenBytes = _shuffleWrittenBytes,
        SpilledBytes = _spilledBytes,
        PeakMemoryBytes = _peakMemoryBytes,
        MedianMs = _durations.QuantileMs(0.5),
        MaxMs = _durations.MaxMs,
        Seconds = _seconds,
    };
}
