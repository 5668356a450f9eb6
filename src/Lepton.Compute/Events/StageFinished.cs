namespace Lepton.Compute.Events;

/// <summary>All tasks of a stage have succeeded. Written again when lost output was made again.</summary>
/// <param name="Time">When.</param>
/// <param name="Stage">The stage's number.</param>
/// <param name="Seconds">From its start.</param>
public sealed record StageFinished(DateTimeOffset Time, int Stage, double Seconds) : JobEvent(Time);
