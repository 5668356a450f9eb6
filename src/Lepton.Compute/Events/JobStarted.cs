namespace Lepton.Compute.Events;

/// <summary>An action began to run.</summary>
/// <param name="Time">When.</param>
/// <param name="Job">The job's name.</param>
public sealed record JobStarted(DateTimeOffset Time, string Job) : JobEvent(Time);
