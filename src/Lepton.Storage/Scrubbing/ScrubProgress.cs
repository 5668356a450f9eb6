namespace Lepton.Storage.Scrubbing;

/// <summary>How far the reading of all blocks is.</summary>
/// <param name="Bytes">Bytes of all segments.</param>
/// <param name="BytesDone">How many of them were read in this pass.</param>
/// <param name="Damaged">How many blocks were found damaged since the data directory was made.</param>
/// <param name="TimeLeft">How long the rest of the pass takes at its present pace.</param>
/// <param name="Oldest">How long ago that segment was read to its end for which it is longest.</param>
internal sealed record ScrubProgress(
    long Bytes, long BytesDone, long Damaged, TimeSpan TimeLeft, TimeSpan Oldest)
{
    public static ScrubProgress None { get; } = new(0, 0, 0, TimeSpan.Zero, TimeSpan.Zero);
}
