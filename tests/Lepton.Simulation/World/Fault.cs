namespace Lepton.Simulation.World;

/// <summary>What strikes a cluster, and what follows from it, told apart so that each can be shown to have struck.
/// </summary>
internal enum Fault
{
    // The network: each counts messages.
    MessageLost,
    MessageDoubled,
    MessageLate,
    MessageReordered,
    PartitionHeldBack,
    OneWayCutHeldBack,
    BridgeHeldBack,
    LeaderCutHeldBack,

    // Machines and processes.
    ProcessKilled,
    PowerLost,
    PowerLostInWrite,
    ProcessPaused,
    ClockDrifted,
    ClockJumped,
    ElectionContested,

    // Disks.
    UnsyncedWriteLost,
    UnsyncedWriteTorn,
    BitFlipped,
    WriteMisdirected,
    SyncFailed,
    DirectorySyncFailed,
    WriteFailed,
    ReadFailed,
    DiskFull,
    SyncSlow,
    DamageFoundAtStart,

    // What operators do.
    LearnerAdded,
    VoterAdded,
    LearnerPromoted,
    VoterRemoved,
    SecondChangeAtOnce,
    LeaderTransferred,
    HalfOnNewFormat,
    FormatRaised,

    // What clients see.
    SnapshotInstalled,
    LeaseReadsSeed,
    HistoryCompacted,
    WatchResumed,
    WatchCompacted,
    WatchFragmented,
    LeaseKeptAlive,
    LeaseRevoked,
    LeaseRanOut,
    LockTaken,
}
