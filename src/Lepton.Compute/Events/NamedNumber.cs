namespace Lepton.Compute.Events;

/// <summary>A number with a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The number; may be NaN or infinite, which the report says in words.</param>
public sealed record NamedNumber(string Name, double Value);
