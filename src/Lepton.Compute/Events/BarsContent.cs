namespace Lepton.Compute.Events;

/// <summary>Named numbers, shown as bars in the order given.</summary>
/// <param name="Bars">The numbers.</param>
public sealed record BarsContent(IReadOnlyList<NamedNumber> Bars) : ExhibitContent;
