namespace Lepton.Compute.Events;

/// <summary>A task will be tried again.</summary>
/// <param name="Time">When that was decided.</param>
/// <param name="Stage">The stage's number.</param>
/// <param name="Partition">The partition, from 0.</param>
/// <param name="Attempt">The attempt to come, from 2.</param>
/// <param name="Reason">Why the last attempt does not count, in words.</param>
/// <param name="BackoffMs">The wait before the next attempt, in milliseconds.</param>
public sealed record TaskRetried(
    DateTimeOffset Time, int Stage, int Partition, int Attempt, string Reason, double BackoffMs) : JobEvent(Time);
