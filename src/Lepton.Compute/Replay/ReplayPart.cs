namespace Lepton.Compute.Replay;

/// <summary>A run of blocks in a bundle.</summary>
/// <param name="Offset">Where the first block starts.</param>
/// <param name="Blocks">How many there are.</param>
/// <param name="Bytes">Their contents together.</param>
internal sealed record ReplayPart(long Offset, int Blocks, long Bytes);
