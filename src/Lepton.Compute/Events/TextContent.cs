namespace Lepton.Compute.Events;

/// <summary>Plain text, shown as it stands with its line breaks.</summary>
/// <param name="Text">The text.</param>
public sealed record TextContent(string Text) : ExhibitContent;
