namespace Lepton.Raft.Log;

/// <summary>Where consecutive entries lie: one batch of a segment.</summary>
/// <param name="Previous">The entry before the batch's first one.</param>
/// <param name="Records">Entries in the batch; its last ones may have been replaced by a later batch.</param>
/// <param name="Segment">The segment's sequence number.</param>
/// <param name="Sector">The batch's first sector.</param>
/// <param name="Sectors">How many it has.</param>
/// <param name="Batch">Its number in the segment.</param>
internal readonly record struct BatchPlace(
    LogIndex Previous, int Records, ulong Segment, int Sector, int Sectors, uint Batch);
