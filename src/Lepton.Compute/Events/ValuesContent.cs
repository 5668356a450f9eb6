namespace Lepton.Compute.Events;

/// <summary>Facts, shown as a list; those marked as headlines also stand at the head of the report.</summary>
/// <param name="Facts">The facts.</param>
public sealed record ValuesContent(IReadOnlyList<NamedFact> Facts) : ExhibitContent;
