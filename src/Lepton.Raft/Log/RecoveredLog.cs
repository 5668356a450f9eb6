namespace Lepton.Raft.Log;

/// <summary>What was found when a log was opened.</summary>
/// <param name="Segments">All segments, in order; the caller owns them.</param>
/// <param name="Table">The entries.</param>
/// <param name="HardState">The hard state.</param>
/// <param name="Damage">What is lost, if anything.</param>
/// <param name="EndSector">The first sector behind the last whole batch of the last segment.</param>
/// <param name="Chain">The hash over all sectors up to there.</param>
/// <param name="Batch">The number of the last whole batch.</param>
/// <param name="BatchMax">The highest number of any batch of which a sector was seen in the last segment.</param>
/// <param name="UnsureSector">The first sector of the last segment that may have been read from a cache alone.</param>
/// <param name="Spare">A file that waits to become a segment; null where there is none.</param>
internal sealed record RecoveredLog(
    List<LogSegment> Segments,
    EntryTable Table,
    HardState HardState,
    LogDamage? Damage,
    int EndSector,
    ulong Chain,
    uint Batch,
    uint BatchMax,
    int UnsureSector,
    string? Spare);
