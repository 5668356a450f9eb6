namespace Lepton.Compute.Events;

/// <summary>
/// The driver closed the session in good order. A log without this line belongs to a driver that still runs or was
/// killed.
/// </summary>
/// <param name="Time">When.</param>
/// <param name="Succeeded">
/// False when the session itself failed: it did not start, or could run no job any more. Jobs that failed say so
/// themselves, and whether the program went on after that nobody knows here.
/// </param>
/// <param name="Seconds">From the start of the session.</param>
/// <param name="Error">What was wrong with the session; null when it succeeded.</param>
public sealed record SessionFinished(
    DateTimeOffset Time, bool Succeeded, double Seconds, string? Error = null) : JobEvent(Time);
