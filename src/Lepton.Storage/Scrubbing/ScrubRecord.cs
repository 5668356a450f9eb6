namespace Lepton.Storage.Scrubbing;

/// <summary>How far a scrub is, as it is kept over restarts. Times are milliseconds since 1970.</summary>
/// <param name="Segment">The number of the segment that is being read; 0 for none.</param>
/// <param name="Offset">Up to where it was read.</param>
/// <param name="PassBeganMs">When the present pass began; 0 before the first.</param>
/// <param name="Damaged">How many blocks were found damaged so far.</param>
/// <param name="ReadMs">When each segment was last read to its end, by its number; of one that never was, when it was
/// first seen.</param>
internal sealed record ScrubRecord(
    long Segment, long Offset, long PassBeganMs, long Damaged, SortedDictionary<long, long> ReadMs)
{
    /// <summary>Before anything was read.</summary>
    public static ScrubRecord None => new(0, 0, 0, 0, []);
}
