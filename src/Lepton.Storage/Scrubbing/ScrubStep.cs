namespace Lepton.Storage.Scrubbing;

/// <summary>A segment's file.</summary>
/// <param name="Number">Which.</param>
/// <param name="Length">How long it is.</param>
internal readonly record struct SegmentExtent(long Number, long Length);

/// <summary>What a scrub does next: it reads, or it waits.</summary>
/// <param name="Segment">The number of the segment to read from.</param>
/// <param name="Offset">From where.</param>
/// <param name="Wait">How long to wait before asking again; where it is above zero, nothing is to be read.</param>
internal readonly record struct ScrubStep(long Segment, long Offset, TimeSpan Wait);
