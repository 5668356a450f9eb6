namespace Lepton.Compute.Events;

/// <summary>
/// The driver closed the session in good order. A log without this line belongs to a driver that still runs or was
/// killed.
/// </summary>
/// <param name="Time">When.</param>
/// <param name="Succeeded">False when the program ended with an error.</param>
/// <param name="Seconds">From the start of the session.</param>
/// <param name="Error">The error that ended the program; null when it succeeded.</param>
public sealed record SessionFinished(
    DateTimeOffset Time, bool Succeeded, double Seconds, string? Error = null) : JobEvent(Time);
