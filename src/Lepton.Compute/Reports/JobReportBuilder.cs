using Lepton.Compute.Events;
using Lepton.Core;

namespace Lepton.Compute.Reports;

/// <summary>Makes a <see cref="JobReport"/> from events, one at a time.</summary>
internal sealed class JobReportBuilder
{
    public const int BarsMax = 5_000;
    private const int CellsMax = 8_000;
    private const int ShownMax = 200;
    private const int ExhibitsMax = 200;
    private const int FilesMax = 1_000;
    private const int SamplesMax = 5;

    private readonly WorkerCollector _workers = new();
    private readonly Dictionary<int, StageTally> _stages = [];
    private readonly List<StageTally> _stagesInOrder = [];
    private readonly TimelineGrid _grid = new();
    private readonly CappedTally<string> _retryReasons = new(ShownMax);
    private readonly CappedList<TaskRetried> _retried = new(ShownMax);
    private readonly CappedTally<FailureGroup> _failures = new(ShownMax);
    private readonly CappedList<OutputLost> _outputsLost = new(ShownMax);
    private readonly CappedTally<string> _skippedFiles = new(FilesMax);
    private readonly Dictionary<string, List<string>> _skippedSamples = [];
    private readonly CappedList<JobFinished> _jobs = new(ShownMax);
    private readonly CappedList<Message> _messages = new(ShownMax);
    private readonly CappedList<Exhibit> _exhibits = new(ExhibitsMax);
    private List<TaskBar>? _bars = [];
    private SessionStarted? _session;
    private SessionFinished? _end;
    private DateTimeOffset? _origin;
    private string? _jobError;
    private double _spanMs;
    private long _openJobs;
    private long _finishedJobs;
    private long _succeeded;
    private long _attempts;
    private long _retries;
    private long _rowsSkipped;
    private long _unknownEvents;
    private long _lostEvents;

    /// <summary>Whether no event that is known here was added.</summary>
    public bool IsEmpty => _origin is null;

    /// <summary>Adds the next event of the log.</summary>
    public void Add(JobEvent jobEvent)
    {
        if (jobEvent is UnknownEvent)
        {
            _unknownEvents++;
            return;
        }

        // A log that lost its first lines may begin with a task, which was logged when it ended.
        _origin ??= jobEvent is TaskFinished first && first.Start < first.Time ? first.Start : jobEvent.Time;
        double atMs = SinceStart(jobEvent.Time);
        _spanMs = Math.Max(_spanMs, atMs);
        switch (jobEvent)
        {
            case TaskFinished task:
                AddTask(task);
                break;
            case TaskRetried retried:
                AddRetry(retried);
                break;
            case WorkerStarted started:
                _workers.Start(started, atMs);
                break;
            case WorkerKilled killed:
                _workers.Kill(killed, atMs);
                break;
            case WorkerLost lost:
                _workers.Lose(lost, atMs);
                break;
            case StageStarted started:
                StageOf(started.Stage).Add(started);
                break;
            case StageFinished finished:
                StageOf(finished.Stage).Add(finished);
                break;
            default:
                AddNews(jobEvent);
                break;
        }
    }

    /// <summary>The report of all that was added.</summary>
    public JobReport Build()
    {
        Invariant.Check(!IsEmpty);
        IReadOnlyList<WorkerLane> lanes = _workers.Lanes();
        _grid.Coarsen(Math.Clamp(lanes.Count, 1, TimelineSvg.LanesMax), _spanMs, CellsMax);
        return new JobReport
        {
            Program = _session?.Program ?? "unknown program",
            Session = _session,
            StartedAt = _origin!.Value,
            Seconds = _spanMs / 1000,
            Status = Status(),
            Error = _end?.Error ?? _jobError,
            Tasks = _succeeded,
            Attempts = _attempts,
            Retries = _retries,
            WorkersKilled = _workers.Killed,
            WorkersLost = _workers.Lost,
            Exhibits = _exhibits.ToCapped().Items,
            UnknownEvents = _unknownEvents,
            LostEvents = _lostEvents,
            Details = Details(lanes),
        };
    }

    private ReportDetails Details(IReadOnlyList<WorkerLane> lanes) => new()
    {
        Stages = [.. _stagesInOrder.Select(stage => stage.ToSummary())],
        Lanes = lanes,
        WorkerEnds = _workers.Ends(),
        Timeline = new Timeline(_spanMs, _bars, _grid),
        RetryReasons = WithOthers(_retryReasons, "other reasons"),
        Retried = _retried.ToCapped(),
        Failures = WithOthers(_failures, new FailureGroup(-1, "", "other errors")),
        OutputsLost = _outputsLost.ToCapped(),
        Skipped = Skipped(),
        RowsSkipped = _rowsSkipped,
        Jobs = _jobs.ToCapped(),
        Messages = _messages.ToCapped(),
    };

    private static IReadOnlyList<(T Key, long Count)> WithOthers<T>(CappedTally<T> tally, T others)
        where T : notnull =>
        tally.Others == 0 ? tally.ByCount() : [.. tally.ByCount(), (others, tally.Others)];

    private void AddTask(TaskFinished task)
    {
        double startMs = SinceStart(task.Start);
        double endMs = startMs + Math.Max(0, task.DurationMs);
        _spanMs = Math.Max(_spanMs, endMs);
        _attempts++;
        StageTally stage = StageOf(task.Stage);
        stage.Add(task);
        (int lane, int row) = _workers.Add(task, startMs, endMs);
        bool isGood = task.Outcome is TaskOutcome.Succeeded or TaskOutcome.Cancelled;
        _succeeded += task.Outcome == TaskOutcome.Succeeded ? 1 : 0;
        _grid.Add(lane, stage.Colour, startMs, endMs, isGood);
        if (_bars is not null)
        {
            _bars = _bars.Count < BarsMax ? _bars : null;
            _bars?.Add(new TaskBar(lane, row, startMs, endMs, task));
        }

        if (task.Outcome == TaskOutcome.Failed)
        {
            _failures.Add(new FailureGroup(task.Stage, task.ErrorType ?? "", task.ErrorMessage ?? ""));
        }
    }

    private void AddRetry(TaskRetried retried)
    {
        _retries++;
        StageOf(retried.Stage).AddRetry();
        _retryReasons.Add(retried.Reason);
        _retried.Add(retried);
    }

    private void AddNews(JobEvent jobEvent)
    {
        switch (jobEvent)
        {
            case SessionStarted started:
                _session ??= started;
                break;
            case SessionFinished finished:
                _end = finished;
                break;
            case JobStarted:
                _openJobs++;
                break;
            case JobFinished finished:
                _openJobs--;
                _finishedJobs++;
                _jobError = finished.Succeeded ? _jobError : finished.Error ?? $"{finished.Job} failed.";
                _jobs.Add(finished);
                break;
            case OutputLost lost:
                _outputsLost.Add(lost);
                break;
            case RowsSkipped skipped:
                AddSkipped(skipped);
                break;
            case Exhibit exhibit:
                _exhibits.Add(exhibit);
                break;
            case Message message:
                _messages.Add(message);
                break;
            case EventsLost lost:
                _lostEvents += lost.Count;
                break;
            default:
                break;
        }
    }

    private void AddSkipped(RowsSkipped skipped)
    {
        _rowsSkipped += skipped.Count;
        _skippedFiles.Add(skipped.File, skipped.Count);
        if (!_skippedSamples.TryGetValue(skipped.File, out List<string>? samples))
        {
            if (_skippedSamples.Count >= FilesMax)
            {
                return;
            }

            samples = [];
            _skippedSamples.Add(skipped.File, samples);
        }

        samples.AddRange(skipped.Samples.Take(SamplesMax - samples.Count));
    }

    private Capped<SkippedFile> Skipped()
    {
        SkippedFile[] files =
        [
            .. _skippedFiles.ByCount().Select(
                entry => new SkippedFile(entry.Key, entry.Count, _skippedSamples.GetValueOrDefault(entry.Key, []))),
        ];
        return new Capped<SkippedFile>([.. files.Take(ShownMax)], files.Length);
    }

    private ReportStatus Status()
    {
        if (_end is not null)
        {
            return _end.Succeeded && _jobError is null ? ReportStatus.Succeeded : ReportStatus.Failed;
        }

        if (_openJobs > 0 || _finishedJobs == 0)
        {
            return ReportStatus.Unfinished;
        }

        return _jobError is null ? ReportStatus.Succeeded : ReportStatus.Failed;
    }

    private StageTally StageOf(int stage)
    {
        if (!_stages.TryGetValue(stage, out StageTally? tally))
        {
            tally = new StageTally(stage, _stages.Count % TimelineGrid.Colours);
            _stages.Add(stage, tally);
            _stagesInOrder.Add(tally);
        }

        return tally;
    }

    private double SinceStart(DateTimeOffset time) => Math.Max(0, (time - _origin!.Value).TotalMilliseconds);
}
