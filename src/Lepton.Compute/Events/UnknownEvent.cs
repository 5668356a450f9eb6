namespace Lepton.Compute.Events;

/// <summary>An event that a newer Lepton wrote. It is kept as it stands and is not an error.</summary>
/// <param name="Time">Its time; the smallest time when it has none.</param>
/// <param name="Name">What stands under <c>event</c>.</param>
/// <param name="Json">The whole line.</param>
public sealed record UnknownEvent(DateTimeOffset Time, string Name, string Json) : JobEvent(Time);
