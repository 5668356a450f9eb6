namespace Lepton.Simulation.Objects;

/// <summary>What strikes an object store, and what follows from it, told apart so that each can be shown to have
/// struck.</summary>
internal enum ObjectFault
{
    // The network: each counts messages.
    MessageLost,
    MessageLate,
    PartitionHeldBack,
    OneWayCutHeldBack,
    MetadataCutHeldBack,

    // Machines and processes.
    ProcessKilled,
    ProcessKilledInWrite,
    PowerLost,
    PowerLostInWrite,
    PowerOfAllLost,
    ProcessPaused,
    MachineSlow,
    ClockDrifted,
    ClockJumped,
    FlushFailed,
    DiskLost,
    CacheFailed,
    StartFailed,
    DamageFoundByScrub,

    // The coordination store.
    CommitRefused,
    CommitLate,
    OutcomeUnknown,
    ReadFailed,
    HistoryCompacted,
    WatchHeldBack,
    LeaseRanOut,

    // What operators do.
    NodeJoined,
    NodeDrained,
    NodeUndrained,
    NodeRemoved,
    WeightChanged,

    // What clients see.
    ClientGone,
    NodeDiedInRequest,
    WriteUnavailable,
    ReadUnavailable,
    SessionOver,
    ConditionFailed,
    UploadAborted,
}
