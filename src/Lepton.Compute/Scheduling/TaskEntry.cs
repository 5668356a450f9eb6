namespace Lepton.Compute.Scheduling;

/// <summary>One partition of a stage, through all its attempts. Owned by the scheduler's thread.</summary>
internal sealed class TaskEntry(StageRun stage, int partition)
{
    public StageRun Stage { get; } = stage;

    public int Partition { get; } = partition;

    public TaskPhase Phase { get; set; }

    /// <summary>Attempts begun so far.</summary>
    public int Attempts { get; set; }

    /// <summary>Failures of input and output.</summary>
    public int Failures { get; set; }

    /// <summary>Exceptions of user code.</summary>
    public int UserFailures { get; set; }

    /// <summary>
    /// Set when it was among the tasks that used their worker's memory up: its next attempts have a worker to
    /// themselves, which shows whether it was the one.
    /// </summary>
    public bool IsExclusive { get; set; }

    /// <summary>Attempts that could not read an input.</summary>
    public int FetchFailures { get; set; }

    /// <summary>Workers that died while they ran this task.</summary>
    public List<string> WorkersKilled { get; } = [];

    /// <summary>The only worker that may run it, since a cached block lies there; -1 for any.</summary>
    public int PinnedWorker { get; set; } = -1;

    /// <summary>
    /// The copies that executors hold: one, or two when speculated; besides, cancelled ones that have not ended yet.
    /// </summary>
    public List<TaskCopy> Copies { get; } = new(1);

    /// <summary>
    /// True when an executor holds a copy that is wanted. A cancelled one can linger after its task has to run again,
    /// and its end then says nothing of the task.
    /// </summary>
    public bool HasLiveCopy
    {
        get
        {
            foreach (TaskCopy copy in Copies)
            {
                if (copy.CancelledAt is null)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Whether it was done once, though its output may have been lost since.</summary>
    public bool WasDone { get; set; }

    /// <summary>When the back-off ends.</summary>
    public TimeSpan ReadyAt { get; set; }

    public override string ToString() => $"{Stage.Id}/{Partition}";
}
