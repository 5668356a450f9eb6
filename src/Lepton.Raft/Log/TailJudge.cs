namespace Lepton.Raft.Log;

/// <summary>
/// Decides what the end of the last segment is: a batch that was being written when the node went down, which is cut
/// off, or something that was on the disk and is no more, which is not.
/// </summary>
/// <remarks>
/// A flush that succeeded has put every sector of its batches on the disk. So a batch of which one sector provably
/// still has its old content was never flushed, and nobody was told that it was. Where all of its sectors have changed
/// and some are unreadable, or where a later batch states that this place was flushed, it must be taken for lost.
/// </remarks>
internal sealed class TailJudge(SectorReader sectors, SegmentScanner scanner, ulong segment, int sectorsMax)
{
    private enum Content
    {
        /// <summary>Never written since the segment was made, or by a batch before the last whole one.</summary>
        Old,

        /// <summary>Of a batch after the last whole one, in its place.</summary>
        New,

        /// <summary>Whole, but it belongs somewhere else.</summary>
        Foreign,

        /// <summary>No sector of ours.</summary>
        Broken,
    }

    /// <summary>The highest number of a batch that was seen; later ones must be numbered above it.</summary>
    public uint BatchMax { get; private set; } = scanner.Batch;

    /// <summary>
    /// The head of the damaged batch, where it can be read and nothing was ever written behind that batch; null
    /// otherwise.
    /// </summary>
    public BatchHeader? LastHeader { get; private set; }

    /// <summary>Whether something that was flushed is lost behind the last whole batch.</summary>
    public bool IsDamaged()
    {
        int start = scanner.Sector;
        bool startsWithBatch = scanner.TryFirst(start, out SectorFrame first, out BatchHeader header);
        int end = startsWithBatch ? start + SectorFrame.SectorsFor(header.BodyBytes) : start;
        bool unfinished = false;
        bool quiet = startsWithBatch && scanner.StrayBatchMax <= first.Batch;
        bool evidence = scanner.StrayBatchMax > scanner.Batch;
        for (int sector = start; sector < sectorsMax; sector++)
        {
            Content content = Classify(sector, out SectorFrame frame);
            BatchMax = content == Content.New ? Math.Max(BatchMax, frame.Batch) : BatchMax;
            bool isStray = content == Content.Foreign && frame.Segment == (uint)segment;
            evidence |= isStray && frame.Batch > scanner.Batch;
            quiet &= !(isStray && frame.Batch > first.Batch);
            evidence |= content == Content.New
                && frame.IsFirst
                && scanner.TryFirst(sector, out _, out BatchHeader later)
                && later.DurableSector > start;
            if (sector == start)
            {
                unfinished = content == Content.Old || (content == Content.New && !frame.IsFirst);
            }
            else if (sector < end)
            {
                unfinished |= content == Content.Old || (content == Content.New && frame.Batch != first.Batch);
            }
            else
            {
                quiet &= content == Content.Old;
            }
        }

        LastHeader = quiet ? header : null;

        bool nothingThere = start >= sectorsMax;
        return evidence || !(unfinished || nothingThere);
    }

    private Content Classify(int sector, out SectorFrame frame)
    {
        ReadOnlySpan<byte> bytes = sectors.Sector(sector);
        if (!SectorFrame.TryRead(bytes, out frame))
        {
            return bytes.ContainsAnyExcept((byte)0) ? Content.Broken : Content.Old;
        }

        if (frame.Segment < (uint)segment)
        {
            return Content.Old;
        }

        return frame.Segment != (uint)segment || frame.Number != sector ? Content.Foreign
            : frame.Batch > scanner.Batch ? Content.New
            : Content.Old;
    }
}
