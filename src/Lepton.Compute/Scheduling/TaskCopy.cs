namespace Lepton.Compute.Scheduling;

/// <summary>One attempt at a task, with one executor. Owned by the scheduler's thread.</summary>
internal sealed class TaskCopy(long id, TaskEntry task, WorkerView worker, int attempt, bool isSpeculative)
{
    public long Id { get; } = id;

    public TaskEntry Task { get; } = task;

    public WorkerView Worker { get; } = worker;

    public int Attempt { get; } = attempt;

    public bool IsSpeculative { get; } = isSpeculative;

    /// <summary>When it was assigned, on the scheduler's clock.</summary>
    public TimeSpan AssignedAt { get; init; }

    /// <summary>The version of the stage's inputs when it was assigned.</summary>
    public int InputVersion { get; } = task.Stage.InputVersion;

    /// <summary>How long it had run at the executor's last beat; -1 when it was not seen running.</summary>
    public long ElapsedMs { get; set; } = -1;

    /// <summary>When that beat came, on the scheduler's clock.</summary>
    public TimeSpan SeenAt { get; set; }

    /// <summary>True while the executor is asked to give it back unstarted.</summary>
    public bool IsRevoking { get; set; }

    /// <summary>When it was cancelled; null when it was not.</summary>
    public TimeSpan? CancelledAt { get; set; }

    /// <summary>When its worker is ended where it goes on though it was cancelled.</summary>
    public TimeSpan EndAt { get; set; }

    /// <summary>How long it has run as far as is known, where it was seen running, though its worker may not have been
    /// heard of since.</summary>
    public TimeSpan? RanFor(TimeSpan now) =>
        ElapsedMs < 0 ? null : TimeSpan.FromMilliseconds(ElapsedMs) + (now - SeenAt);

    /// <summary>Its place among the worker's outstanding copies.</summary>
    public LinkedListNode<TaskCopy>? Node { get; set; }
}
