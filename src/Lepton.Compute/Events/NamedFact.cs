namespace Lepton.Compute.Events;

/// <summary>A fact: a name and what is known.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value, as people read it.</param>
/// <param name="Headline">Whether it also stands at the head of the report.</param>
public sealed record NamedFact(string Name, string Value, bool Headline = false);
