namespace Lepton.Compute.Scheduling;

/// <summary>Where a task stands.</summary>
internal enum TaskPhase
{
    /// <summary>Not handed to the dispatcher, or withdrawn.</summary>
    Idle,

    /// <summary>In a queue of the dispatcher.</summary>
    Ready,

    /// <summary>Waiting for its back-off to end.</summary>
    BackingOff,

    /// <summary>Ready, but its stage's inputs are being made again.</summary>
    Blocked,

    /// <summary>With one executor, or two when speculated.</summary>
    Running,

    /// <summary>Its result is known.</summary>
    Done,
}
