namespace Lepton.Training.ParameterServer.Clocks;

/// <summary>All that a <see cref="ClockCore"/> knows but for who waits, who asks again where its server died.</summary>
/// <param name="Rounds">Synchronous steps so far.</param>
/// <param name="Workers">By number.</param>
internal sealed record ClockState(long Rounds, IReadOnlyList<WorkerClock> Workers);
