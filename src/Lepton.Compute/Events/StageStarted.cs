namespace Lepton.Compute.Events;

/// <summary>A stage of a job was planned. Its tasks run once the stages that it reads are done.</summary>
/// <param name="Time">When.</param>
/// <param name="Stage">The stage's number, unique in the session.</param>
/// <param name="Name">What it does, as it is shown to people.</param>
/// <param name="TaskCount">Its tasks.</param>
/// <param name="Parents">The stages whose output it reads.</param>
public sealed record StageStarted(
    DateTimeOffset Time, int Stage, string Name, int TaskCount, IReadOnlyList<int> Parents) : JobEvent(Time);
