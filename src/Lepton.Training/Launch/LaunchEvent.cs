namespace Lepton.Training.Launch;

/// <summary>What the launcher's loop is told.</summary>
internal sealed record LaunchEvent(LaunchEventKind Kind, RankEnd? End = null, RendezvousEvent? Told = null);
