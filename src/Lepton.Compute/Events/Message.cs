namespace Lepton.Compute.Events;

/// <summary>A sentence from the program or from Lepton for whoever reads the report.</summary>
/// <param name="Time">When.</param>
/// <param name="Text">The sentence.</param>
public sealed record Message(DateTimeOffset Time, string Text) : JobEvent(Time);
