namespace Lepton.Raft.Log;

/// <summary>A snapshot's file that can't be used.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record SnapshotDamage(string Name, string Reason);
