namespace Lepton.Compute.Events;

/// <summary>A worker is ready for tasks.</summary>
/// <param name="Time">When.</param>
/// <param name="Worker">Its number. A replacement may have a new number or take over the lost one's.</param>
/// <param name="ProcessId">Its process; the driver's own when tasks run on threads.</param>
public sealed record WorkerStarted(DateTimeOffset Time, int Worker, int ProcessId) : JobEvent(Time);
