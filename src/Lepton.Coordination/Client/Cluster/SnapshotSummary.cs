namespace Lepton.Coordination.Client;

/// <summary>A snapshot that was received whole.</summary>
/// <param name="Bytes">How many bytes were written.</param>
/// <param name="Sha256">The checksum that came with it and was found right, in hexadecimal.</param>
public sealed record SnapshotSummary(long Bytes, string Sha256);
