namespace Lepton.Bench.Coordination;

/// <summary>What a run of the load generator found.</summary>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="PerSecond">Their rate.</param>
/// <param name="P99Milliseconds">The time that 99 % of them did not exceed.</param>
/// <param name="DataBytes">The answers' bodies.</param>
internal sealed record LoadResult(long Requests, double PerSecond, double P99Milliseconds, long DataBytes);
