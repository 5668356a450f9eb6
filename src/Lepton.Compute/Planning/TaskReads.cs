namespace Lepton.Compute.Planning;

/// <summary>What one task may read beside its payload.</summary>
/// <param name="Shuffles">Shuffles, each with the partition that is read of it.</param>
/// <param name="Caches">Caches, each with the partition that is read of it.</param>
internal sealed record TaskReads(
    IReadOnlyList<(int Shuffle, int Partition)> Shuffles, IReadOnlyList<(int Cache, int Partition)> Caches);
