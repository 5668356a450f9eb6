using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Collects the lives and deaths of workers while the log is read.</summary>
internal sealed class WorkerCollector
{
    public const int LanesMax = 1_000;
    private const int EndsMax = 1_000;

    private readonly List<LaneTally> _lanes = [];
    private readonly Dictionary<int, List<int>> _lanesOfWorker = [];
    private readonly List<WorkerEnd> _ends = [];

    public long Killed { get; private set; }

    public long Lost { get; private set; }

    public void Start(WorkerStarted started, double atMs)
    {
        // Tasks of a worker that never said it started stand on a lane without a process; it now gets one.
        List<int> lives = LivesOf(started.Worker);
        AddLane(started.Worker, lives, started.ProcessId, atMs);
    }

    public void Kill(WorkerKilled killed, double atMs)
    {
        Killed++;
        Note(killed.Worker, atMs, end => end with { KilledBecause = killed.Reason }, isNews: true);
    }

    public void Lose(WorkerLost lost, double atMs)
    {
        Lost++;
        int lane = LaneAt(lost.Worker, atMs);
        _lanes[lane].End(atMs, lost.PeakMemoryBytes);
        bool wasKilled = _ends.FindLastIndex(end => end.Lane == lane && end.Cause is null) >= 0;
        Note(
            lost.Worker,
            atMs,
            end => end with
            {
                ProcessId = lost.ProcessId,
                Cause = lost.Cause,
                PeakMemoryBytes = lost.PeakMemoryBytes,
                TasksRunning = lost.TasksRunning,
            },
            isNews: !wasKilled);
    }

    /// <summary>Adds an attempt to the lane of the process that ran it; gives the lane and the row.</summary>
    public (int Lane, int Row) Add(TaskFinished task, double startMs, double endMs)
    {
        int lane = LaneAt(task.Worker, startMs);
        return (lane, _lanes[lane].Add(task, startMs, endMs));
    }

    public IReadOnlyList<WorkerLane> Lanes() => [.. _lanes.Select(lane => lane.ToLane())];

    public Capped<WorkerEnd> Ends() => new([.. _ends], Math.Max(Lost, _ends.Count));

    private void Note(int worker, double atMs, Func<WorkerEnd, WorkerEnd> change, bool isNews)
    {
        int lane = LaneAt(worker, atMs);
        if (!isNews)
        {
            int place = _ends.FindLastIndex(end => end.Lane == lane && end.Cause is null);
            _ends[place] = change(_ends[place]);
        }
        else if (_ends.Count < EndsMax)
        {
            _ends.Add(change(new WorkerEnd
            {
                Lane = lane,
                Worker = worker,
                ProcessId = _lanes[lane].ProcessId,
                AtMs = atMs,
                KilledBecause = null,
                Cause = null,
                PeakMemoryBytes = 0,
                TasksRunning = 0,
            }));
        }
    }

    // The last life that had begun by then: what a lost process did may be told after its successor started.
    private int LaneAt(int worker, double atMs)
    {
        List<int> lives = LivesOf(worker);
        if (lives.Count == 0)
        {
            AddLane(worker, lives, null, atMs);
        }

        int i = lives.Count - 1;
        while (i > 0 && _lanes[lives[i]].StartMs > atMs)
        {
            i--;
        }

        return lives[i];
    }

    private List<int> LivesOf(int worker)
    {
        if (!_lanesOfWorker.TryGetValue(worker, out List<int>? lives))
        {
            lives = [];
            _lanesOfWorker.Add(worker, lives);
        }

        return lives;
    }

    private void AddLane(int worker, List<int> lives, int? processId, double atMs)
    {
        if (_lanes.Count < LanesMax)
        {
            lives.Add(_lanes.Count);
            _lanes.Add(new LaneTally(worker, lives.Count, processId, atMs, isRest: false));
            return;
        }

        if (_lanes.Count == LanesMax)
        {
            _lanes.Add(new LaneTally(worker, 1, null, atMs, isRest: true));
        }

        if (lives.Count == 0 || lives[^1] != LanesMax)
        {
            lives.Add(LanesMax);
        }
    }
}
