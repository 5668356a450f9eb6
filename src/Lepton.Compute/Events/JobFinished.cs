namespace Lepton.Compute.Events;

/// <summary>An action ended.</summary>
/// <param name="Time">When.</param>
/// <param name="Job">The name that its <see cref="JobStarted"/> gave.</param>
/// <param name="Succeeded">False when the caller got an exception.</param>
/// <param name="Seconds">From its start.</param>
/// <param name="Error">The error that the caller got; null when it succeeded.</param>
public sealed record JobFinished(
    DateTimeOffset Time, string Job, bool Succeeded, double Seconds, string? Error = null) : JobEvent(Time);
