namespace Lepton.Compute.Scheduling;

/// <summary>Why an attempt, or a task, failed.</summary>
internal enum TaskFaultKind
{
    /// <summary>User code threw.</summary>
    User,

    /// <summary>Input or output failed in a way that may pass.</summary>
    InputOutput,

    /// <summary>Over the memory budget, alone in its worker.</summary>
    Memory,

    /// <summary>Over the memory budget together with other tasks of its worker: tried again, alone.</summary>
    SharedMemory,

    /// <summary>Over the deadline.</summary>
    Deadline,

    /// <summary>The worker died while it ran this task.</summary>
    WorkerDied,

    /// <summary>The worker died while this task waited in its queue.</summary>
    WorkerLost,
}

/// <summary>A failed attempt: its kind, a text for people, and the exception as coded by the worker.</summary>
internal sealed record TaskFault(TaskFaultKind Kind, string Text, ReadOnlyMemory<byte> Exception, string Worker)
{
    /// <summary>Whether its memory has a bound that an option sets. Threads of the program have none.</summary>
    public bool HasMemoryBudget { get; init; } = true;
}
