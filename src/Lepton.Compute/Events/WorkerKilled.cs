namespace Lepton.Compute.Events;

/// <summary>
/// The program killed a worker on purpose, to show or test recovery. A <see cref="WorkerLost"/> follows.
/// </summary>
/// <param name="Time">When.</param>
/// <param name="Worker">The worker's number.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record WorkerKilled(DateTimeOffset Time, int Worker, string Reason) : JobEvent(Time);
