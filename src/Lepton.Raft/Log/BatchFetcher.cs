using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// Reads entries that are no longer in memory, a batch at a time. Remembers the last batch, as readers go on with it.
/// </summary>
internal sealed class BatchFetcher(IDisk disk, SegmentWriter segments)
{
    private BatchPlace _place;
    private List<LogEntry>? _entries;

    /// <summary>An entry of the table.</summary>
    /// <exception cref="DiskFailedException">It can't be read, or is not what was written.</exception>
    public LogEntry Get(EntryTable table, LogIndex index)
    {
        if (_entries is null || index <= _place.Previous || index > _place.Last)
        {
            _entries = null;
            _place = table.Find(index);
            _entries = Fetch(_place);
        }

        return _entries[(int)(index - _place.Previous) - 1];
    }

    /// <summary>Forgets the last batch: another one may have replaced its entries.</summary>
    public void Forget() => _entries = null;

    private List<LogEntry> Fetch(BatchPlace place)
    {
        LogSegment segment = segments.Find(place.Segment);
        byte[] sectors = new byte[place.Sectors * SectorFrame.SectorBytes];
        int read = segment.File.Read((long)place.Sector * SectorFrame.SectorBytes, sectors);
        sectors.AsSpan(read).Clear();
        return BatchCodec.TryDecode(sectors, place, out List<LogEntry> entries)
            ? entries
            : throw new DiskFailedException(
                $"{Path.Combine(disk.Path, segment.Name)} does not hold entries {place.Previous.Next} to " +
                $"{place.Previous + place.Records} any more, which were written to sectors {place.Sector} to " +
                $"{place.Sector + place.Sectors - 1}: checksums are wrong. Check the disk and restart the node; it " +
                "repairs itself from its peers then.");
    }
}
