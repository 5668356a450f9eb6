namespace Lepton.Compute.Replay;

/// <summary>What a bundle holds of one map output: the blocks of the partition that the task read.</summary>
/// <param name="Shuffle">The shuffle.</param>
/// <param name="Partition">The partition of it that the task read.</param>
/// <param name="Map">The map task that wrote it.</param>
/// <param name="Part">The blocks that were kept, none where the map task gave this partition nothing.</param>
/// <param name="Missing">Why some or all of it is not there; null when it is whole.</param>
internal sealed record ReplayInput(int Shuffle, int Partition, int Map, ReplayPart Part, string? Missing);
