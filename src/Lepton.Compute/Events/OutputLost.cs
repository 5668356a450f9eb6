namespace Lepton.Compute.Events;

/// <summary>
/// Finished output went away with its worker; the tasks that made it run again where somebody still needs it.
/// </summary>
/// <param name="Time">When.</param>
/// <param name="Stage">The stage that made the output.</param>
/// <param name="Worker">The worker that held it.</param>
/// <param name="Partitions">The partitions that are lost.</param>
public sealed record OutputLost(
    DateTimeOffset Time, int Stage, int Worker, IReadOnlyList<int> Partitions) : JobEvent(Time);
