namespace Lepton.Compute.Scheduling;

/// <summary>A shuffle that a stage reads.</summary>
/// <param name="ShuffleId">Its identity in the plan.</param>
/// <param name="Producer">The stage that writes it.</param>
/// <param name="ShieldingCaches">
/// Caches that stand between it and the stage's result: while one of them is whole, the shuffle is not needed.
/// </param>
internal sealed record StageInput(int ShuffleId, StageRun Producer, IReadOnlyList<CacheRef> ShieldingCaches);

/// <summary>A cache and the number of its partitions.</summary>
internal readonly record struct CacheRef(int CacheId, int PartitionCount);
