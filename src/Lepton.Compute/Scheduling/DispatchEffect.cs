namespace Lepton.Compute.Scheduling;

/// <summary>What the host has to do after a step of the dispatcher.</summary>
internal enum DispatchEffectKind
{
    /// <summary>Send the copy to its worker.</summary>
    Assign,

    /// <summary>Tell the copy's worker to stop it.</summary>
    Cancel,

    /// <summary>Ask the copy's worker to give it back if it has not started.</summary>
    Revoke,

    /// <summary>Note that the copy's task will be tried again.</summary>
    Retry,

    /// <summary>The task has failed for good.</summary>
    Fail,

    /// <summary>End the copy's worker: it holds a task that does not stop.</summary>
    KillWorker,
}

/// <summary>One effect. <paramref name="Reason"/> says why, for people.</summary>
internal readonly record struct DispatchEffect(
    DispatchEffectKind Kind, TaskEntry Task, TaskCopy? Copy, string Reason, TimeSpan Backoff, TaskFault? Fault);
