namespace Lepton.Raft.Log;

/// <summary>How a <see cref="SegmentedLog"/> lies on its disk.</summary>
public sealed record SegmentedLogOptions
{
    /// <summary>
    /// Size of a segment in bytes, from 32 KiB to 1 GiB; 64 MiB by default. What is appended in one step and does not
    /// fit gets a larger one. Existing segments keep their size.
    /// </summary>
    public int SegmentBytes { get; init; } = 64 << 20;

    /// <summary>
    /// Part of each segment in bytes that is kept for terms, votes and the entries of new leaders, for when the disk
    /// is full; a 64th of the segment by default, at least 4 KiB and at most a quarter of the segment.
    /// </summary>
    public int? ReserveBytes { get; init; }

    internal int SegmentSectors => SegmentBytes / SectorFrame.SectorBytes;

    internal int ReserveSectors => (ReserveBytes ?? Math.Max(4096, SegmentBytes / 64)) / SectorFrame.SectorBytes;

    /// <summary>Says what is wrong with the options.</summary>
    /// <exception cref="ArgumentException">All that is wrong, in one message.</exception>
    public void Validate()
    {
        List<string> faults = [];
        if (SegmentBytes is < 32 << 10 or > 1 << 30 || SegmentBytes % 4096 != 0)
        {
            faults.Add($"SegmentBytes is {SegmentBytes:N0}: give a multiple of 4,096 from 32,768 to 1,073,741,824");
        }

        if (ReserveBytes is { } reserve && (reserve < 4096 || reserve > SegmentBytes / 4))
        {
            faults.Add($"ReserveBytes is {reserve:N0}: give 4,096 to a quarter of SegmentBytes, {SegmentBytes / 4:N0}");
        }

        if (faults.Count > 0)
        {
            throw new ArgumentException($"The log's options can't be used: {string.Join("; ", faults)}.");
        }
    }
}
