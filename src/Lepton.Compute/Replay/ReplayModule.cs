namespace Lepton.Compute.Replay;

/// <summary>An assembly that the program of a bundle refers to, by the very build.</summary>
internal sealed record ReplayModule(string Name, Guid Version, string Location);
