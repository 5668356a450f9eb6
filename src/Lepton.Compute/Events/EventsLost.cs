namespace Lepton.Compute.Events;

/// <summary>The log has a gap: events before this line could not be written.</summary>
/// <param name="Time">When the log could be written again.</param>
/// <param name="Count">Events that are missing.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record EventsLost(DateTimeOffset Time, long Count, string Reason) : JobEvent(Time);
