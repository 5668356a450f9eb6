namespace Lepton.Compute.Scheduling;

/// <summary>An executor as the dispatcher sees it. Owned by the scheduler's thread.</summary>
internal sealed class WorkerView(int id, string name, int slots)
{
    private const double QueueTargetMs = 20;
    private const int PrefetchMax = 1024;
    private double _taskMsMean = -1;

    public int Id { get; } = id;

    public string Name { get; } = name;

    public int Slots { get; } = slots;

    /// <summary>Copies that it holds, oldest first.</summary>
    public LinkedList<TaskCopy> Outstanding { get; } = [];

    /// <summary>Tasks that may run nowhere else.</summary>
    public Queue<TaskEntry> Pinned { get; } = [];

    /// <summary>Tasks finished since it joined.</summary>
    public long Finished { get; private set; }

    /// <summary>The mean time of its recent tasks in milliseconds; -1 before the first.</summary>
    public double TaskMsMean => _taskMsMean;

    /// <summary>
    /// How many copies it may hold: what it runs, and so many more that their work covers the way to the driver and
    /// back. Tiny tasks are sent far ahead; long ones wait at the driver, where any worker can take them.
    /// </summary>
    public int Window
    {
        get
        {
            double ahead = _taskMsMean < 0 ? 1 : QueueTargetMs / Math.Max(_taskMsMean, 0.001);
            return Slots * (1 + (int)Math.Clamp(ahead, 1, PrefetchMax));
        }
    }

    /// <summary>When it was last heard of, on the scheduler's clock.</summary>
    public TimeSpan HeardAt { get; set; }

    /// <summary>Whether it was not heard of for longer than <see cref="DispatchOptions.SilentAfter"/>.</summary>
    public bool IsSilent(DispatchOptions options, TimeSpan now) => now - HeardAt > options.SilentAfter;

    /// <summary>Set when it is about to die: it gets nothing more.</summary>
    public bool IsClosed { get; set; }

    /// <summary>Whether a slot of it has nothing to do, and may have.</summary>
    public bool IsIdle => !IsClosed && !HoldsExclusive && !AwaitsExclusive && Outstanding.Count < Slots;

    private bool HoldsExclusive => Outstanding.First is { Value.Task.IsExclusive: true };

    // A task that wants it all to itself, and can run nowhere else, would wait for ever if others kept coming.
    private bool AwaitsExclusive => Pinned.TryPeek(out TaskEntry? first) && first.IsExclusive;

    /// <summary>Whether it may be sent a task now. One that is not heard of gets nothing more.</summary>
    public bool HasRoomFor(TaskEntry task, DispatchOptions options, TimeSpan now) =>
        !IsClosed
        && !IsSilent(options, now)
        && (task.IsExclusive
            ? Outstanding.Count == 0
            : Outstanding.Count < Window && !HoldsExclusive && !AwaitsExclusive);

    /// <summary>Takes a finished task into the mean.</summary>
    public void Observe(double taskMs)
    {
        Finished++;
        _taskMsMean = _taskMsMean < 0 ? taskMs : _taskMsMean + ((taskMs - _taskMsMean) * 0.1);
    }
}
