using Lepton.Core.Randomness;

namespace Lepton.Compute.Datasets;

/// <summary>What a function over a whole partition may know of where it runs.</summary>
/// <param name="Partition">The partition's number, from 0.</param>
/// <param name="Attempt">0 at the first try; results must not depend on it.</param>
/// <param name="Worker">The worker's name; results must not depend on it.</param>
/// <param name="Cancellation">Cancelled when the job is cancelled or the task is past its deadline.</param>
public sealed record PartitionContext(int Partition, int Attempt, string Worker, CancellationToken Cancellation)
{
    /// <summary>
    /// Random numbers that depend on the seed and the partition alone: the same on every worker and at every attempt.
    /// </summary>
    public SeededRandom Random(ulong seed) => new(SeededRandom.DeriveSeed(seed, (ulong)Partition));
}
