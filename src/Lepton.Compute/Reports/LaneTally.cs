using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Sums up one life of one worker while the log is read.</summary>
internal sealed class LaneTally(int worker, int life, int? processId, double startMs, bool isRest)
{
    private const int RowsMax = 16;
    private readonly SlotRows _rows = new(RowsMax);
    private double _startMs = startMs;
    private double? _endMs;
    private long _succeeded;
    private long _failed;
    private long _cancelled;
    private long _lost;
    private double _busyMs;
    private long _peakMemoryBytes;

    public int Life => life;

    public int? ProcessId => processId;

    public double StartMs => _startMs;

    public void End(double atMs, long peakMemoryBytes)
    {
        if (!isRest)
        {
            _endMs = atMs;
        }

        _peakMemoryBytes = Math.Max(_peakMemoryBytes, peakMemoryBytes);
    }

    /// <summary>Adds an attempt and gives its row.</summary>
    public int Add(TaskFinished task, double startMs, double endMs)
    {
        _startMs = Math.Min(_startMs, startMs);
        _busyMs += endMs - startMs;
        _peakMemoryBytes = Math.Max(_peakMemoryBytes, task.PeakMemoryBytes);
        switch (task.Outcome)
        {
            case TaskOutcome.Succeeded:
                _succeeded++;
                break;
            case TaskOutcome.Failed:
                _failed++;
                break;
            case TaskOutcome.Cancelled:
                _cancelled++;
                break;
            default:
                _lost++;
                break;
        }

        return _rows.Place(startMs, endMs);
    }

    public WorkerLane ToLane() => new()
    {
        Worker = worker,
        Life = life,
        ProcessId = processId,
        StartMs = _startMs,
        EndMs = _endMs,
        Rows = Math.Max(1, _rows.Count),
        Succeeded = _succeeded,
        Failed = _failed,
        Cancelled = _cancelled,
        Lost = _lost,
        BusyMs = _busyMs,
        PeakMemoryBytes = _peakMemoryBytes,
        IsRest = isRest,
    };
}
