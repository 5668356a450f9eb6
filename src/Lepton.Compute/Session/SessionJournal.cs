using Lepton.Compute.Events;
using Lepton.Compute.Protocol;
using Lepton.Compute.Scheduling;
using EventOutcome = Lepton.Compute.Events.TaskOutcome;
using TaskOutcome = Lepton.Compute.Protocol.TaskOutcome;

namespace Lepton.Compute.Session;

/// <summary>
/// Keeps the session's figures and writes its event log. Written by the scheduler's thread; the figures are read from
/// any.
/// </summary>
internal sealed class SessionJournal(EventLogWriter? log, TimeProvider time) : IDisposable
{
    private const int RetriesListedMax = 1000;

    // w2 comes before w10.
    private static readonly Comparer<string> s_byNumber = Comparer<string>.Create(static (a, b) =>
        a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b));

    private readonly Lock _lock = new();
    private readonly List<string> _retries = [];
    private readonly SortedDictionary<string, long> _tasksByWorker = new(s_byNumber);
    private long _tasks;
    private int _retryCount;
    private int _workersLost;
    private DateTimeOffset? _firstTask;
    private long _peakBytes;
    private long _spilledBytes;
    private long _rowsSkipped;

    /// <summary>Attempts repeated so far.</summary>
    public int RetryCount => Volatile.Read(ref _retryCount);

    /// <summary>The figures at this moment.</summary>
    public SessionStatistics Statistics()
    {
        lock (_lock)
        {
            return new SessionStatistics(
                _tasks, [.. _retries], _retryCount, _workersLost,
                new SortedDictionary<string, long>(_tasksByWorker, s_byNumber),
                _firstTask, _peakBytes, _spilledBytes, _rowsSkipped);
        }
    }

    public void Write(Func<DateTimeOffset, JobEvent> make) => log?.Append(make(time.GetUtcNow()));

    /// <summary>The last event of a log. What was wrong with the session itself is null where nothing was.</summary>
    public void SessionFinished(TimeSpan took, string? error) =>
        Write(now => new SessionFinished(now, error is null, took.TotalSeconds, error));

    /// <summary>
    /// A worker is on its way. From now on it counts among the workers, though the session may end before it has
    /// finished a task, or come at all.
    /// </summary>
    public void WorkerLaunched(string name)
    {
        lock (_lock)
        {
            _tasksByWorker.TryAdd(name, 0);
        }
    }

    public void WorkerStarted(ExecutorLink link)
    {
        WorkerLaunched(link.Name);
        Write(now => new WorkerStarted(now, link.Id, link.ProcessId));
    }

    public void WorkerLost(ExecutorLink link, string cause, long peakBytes, int running)
    {
        lock (_lock)
        {
            _workersLost++;
            _peakBytes = Math.Max(_peakBytes, peakBytes);
        }

        Write(now => new WorkerLost(now, link.Id, link.ProcessId, cause, peakBytes, running));
    }

    /// <summary>An attempt that died with its worker, which it had run for so long.</summary>
    public void TaskLost(TaskCopy copy, TimeSpan ran) =>
        Write(now => new TaskFinished(
            now, copy.Task.Stage.Id, copy.Task.Partition, copy.Attempt + 1, copy.Worker.Id, now - ran,
            ran.TotalMilliseconds, EventOutcome.Lost)
        {
            Speculative = copy.IsSpeculative,
        });

    public void WorkerKilled(ExecutorLink link, string reason) =>
        Write(now => new WorkerKilled(now, link.Id, reason));

    public void OutputsLost(ExecutorLink link, IReadOnlyList<(StageRun Stage, int Partition)> lost)
    {
        foreach (IGrouping<int, int> stage in lost.GroupBy(entry => entry.Stage.Id, entry => entry.Partition))
        {
            Write(now => new OutputLost(now, stage.Key, link.Id, [.. stage]));
        }
    }

    public void JobStarted(string name) => Write(now => new JobStarted(now, name));

    public void JobFinished(string name, bool succeeded, TimeSpan took, string? error) =>
        Write(now => new JobFinished(now, name, succeeded, took.TotalSeconds, error));

    public void StagePlanned(StageRun stage) =>
        Write(now => new StageStarted(
            now, stage.Id, stage.Label, stage.Tasks.Length, [.. stage.Inputs.Select(input => input.Producer.Id)]));

    public void StageFinished(StageRun stage, TimeSpan took) =>
        Write(now => new StageFinished(now, stage.Id, took.TotalSeconds));

    public void Observe(Beat beat)
    {
        lock (_lock)
        {
            _peakBytes = Math.Max(_peakBytes, beat.ResidentBytes);
        }
    }

    public void Retry(TaskCopy copy, string reason, TimeSpan backoff)
    {
        lock (_lock)
        {
            _retryCount++;
            if (_retries.Count < RetriesListedMax)
            {
                _retries.Add($"task {copy.Task}, attempt {copy.Attempt}: {reason}");
            }
        }

        Write(now => new TaskRetried(
            now, copy.Task.Stage.Id, copy.Task.Partition, copy.Attempt + 2, reason, backoff.TotalMilliseconds));
    }

    public void TaskFinished(TaskCopy copy, TaskResult result, TimeSpan now)
    {
        TaskMetrics metrics = result.Metrics ?? new TaskMetrics();
        DateTimeOffset start = DateTimeOffset.UnixEpoch.AddMicroseconds(metrics.StartedUnixUs);
        lock (_lock)
        {
            if (result.Outcome == TaskOutcome.Succeeded && copy.Task.Phase == TaskPhase.Running)
            {
                _tasks++;
                _tasksByWorker[copy.Worker.Name] = _tasksByWorker.GetValueOrDefault(copy.Worker.Name) + 1;
                _firstTask ??= start;
            }

            _spilledBytes += metrics.SpilledBytes;
            _peakBytes = Math.Max(_peakBytes, metrics.PeakMemoryBytes);
        }

        if (log is not null)
        {
            double runMs = metrics.RunUs / 1000.0;
            log.Append(new TaskFinished(
                time.GetUtcNow(), copy.Task.Stage.Id, copy.Task.Partition, copy.Attempt + 1, copy.Worker.Id, start,
                    runMs,
                OutcomeOf(result.Outcome))
            {
                QueuedMs = Math.Max(0, (now - copy.AssignedAt).TotalMilliseconds - runMs),
                RowsOut = metrics.RowsOut,
                ShuffleReadBytes = metrics.ShuffleReadBytes,
                ShuffleWrittenBytes = metrics.ShuffleWrittenBytes,
                SpilledBytes = metrics.SpilledBytes,
                PeakMemoryBytes = metrics.PeakMemoryBytes,
                Speculative = copy.IsSpeculative,
                ErrorType = result.Failure?.Type,
                ErrorMessage = result.Failure?.Message,
            });
        }
    }

    public void Skipped(TaskResult result)
    {
        foreach (SkippedRowsMessage rows in result.Skipped)
        {
            lock (_lock)
            {
                _rowsSkipped += rows.Count;
            }

            Write(now => new RowsSkipped(now, rows.File, rows.Count, [.. rows.Samples]));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => log?.Dispose();

    private static EventOutcome OutcomeOf(TaskOutcome outcome) =>
        outcome switch
        {
            TaskOutcome.Succeeded => EventOutcome.Succeeded,
            TaskOutcome.Failed => EventOutcome.Failed,
            _ => EventOutcome.Cancelled,
        };
}
