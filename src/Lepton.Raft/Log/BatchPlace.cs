namespace Lepton.Raft.Log;

/// <summary>Where consecutive entries lie: one batch of a segment.</summary>
/// <param name="Previous">The entry before the batch's first one.</param>
/// <param name="Records">Entries in the batch.</param>
/// <param name="Segment">The segment's sequence number.</param>
/// <param name="Sector">The batch's first sector.</param>
/// <param name="Sectors">How many it has.</param>
/// <param name="Batch">Its number in the segment.</param>
internal readonly record struct BatchPlace(
    LogIndex Previous, int Records, ulong Segment, int Sector, int Sectors, uint Batch)
{
    /// <summary>The last entry that counts: those after it were replaced by a later batch.</summary>
    public LogIndex Last { get; init; } = Previous + Records;
}
