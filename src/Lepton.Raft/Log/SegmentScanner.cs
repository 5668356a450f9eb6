namespace Lepton.Raft.Log;

/// <summary>Walks over the batches of one segment, each checked against the one before it.</summary>
internal sealed class SegmentScanner(SectorReader sectors, ulong segment, int sectorsMax)
{
    private readonly uint _segment = (uint)segment;
    private byte[] _body = new byte[64 << 10];

    /// <summary>The first sector behind the last whole batch.</summary>
    public int Sector { get; private set; } = SegmentHeader.FirstSector;

    /// <summary>The number of the last whole batch; 0 before the first.</summary>
    public uint Batch { get; private set; }

    /// <summary>The hash over all sectors up to the last whole batch.</summary>
    public ulong Chain { get; set; }

    /// <summary>The head of the batch that was read last.</summary>
    public BatchHeader Header { get; private set; }

    /// <summary>The highest number of a batch of which a sector was found where it does not belong.</summary>
    public uint StrayBatchMax { get; private set; }

    /// <summary>The first sector of the batch that was read last.</summary>
    public int StartSector { get; private set; }

    /// <summary>The records of the batch that was read last, valid until the next one is read.</summary>
    public ReadOnlyMemory<byte> Body => _body.AsMemory(0, Header.BodyBytes);

    /// <summary>Reads the next batch; false where no whole one follows.</summary>
    /// <param name="limitSector">The first sector that is not looked at.</param>
    public bool TryNext(int limitSector)
    {
        if (!TryFirst(Sector, out SectorFrame frame, out BatchHeader header)
            || header.PreviousBatch != Batch
            || header.Chain != Chain)
        {
            return false;
        }

        int count = SectorFrame.SectorsFor(header.BodyBytes);
        if (count > limitSector - Sector)
        {
            return false;
        }

        if (!TryReadBody(frame, header, count, out ulong chain))
        {
            return false;
        }

        Header = header;
        StartSector = Sector;
        Batch = frame.Batch;
        Chain = chain;
        Sector += count;
        return true;
    }

    /// <summary>
    /// Finds the next sector with which a later batch begins, and goes on there as if what came before had been read;
    /// false where there is none.
    /// </summary>
    /// <param name="fromSector">The first sector that is looked at.</param>
    /// <param name="limitSector">The first sector that is not.</param>
    public bool TryResync(int fromSector, int limitSector)
    {
        NoteStray(Sector);
        for (int sector = fromSector; sector < limitSector; sector++)
        {
            NoteStray(sector);
            if (TryFirst(sector, out SectorFrame frame, out BatchHeader header)
                && header.PreviousBatch >= Batch
                && frame.Batch > header.PreviousBatch)
            {
                Sector = sector;
                Batch = header.PreviousBatch;
                Chain = header.Chain;
                Header = header;
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a sector with which a batch of this segment begins.</summary>
    public bool TryFirst(int sector, out SectorFrame frame, out BatchHeader header)
    {
        header = default;
        frame = default;
        if (sector >= sectorsMax)
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = sectors.Sector(sector);
        if (!SectorFrame.TryRead(bytes, out frame)
            || !frame.IsFirst
            || frame.Segment != _segment
            || frame.Number != sector
            || frame.Batch <= Batch)
        {
            return false;
        }

        header = BatchHeader.Read(bytes[SectorFrame.HeaderBytes..]);
        return header.BodyBytes >= 0
            && header.Records >= 0
            && SectorFrame.SectorsFor(header.BodyBytes) <= sectorsMax - sector;
    }

    /// <summary>Looks for strays before the first batch.</summary>
    public void NoteStraysInHead()
    {
        for (int sector = 0; sector < SegmentHeader.FirstSector; sector++)
        {
            NoteStray(sector);
        }
    }

    private void NoteStray(int sector)
    {
        if (SectorFrame.TryRead(sectors.Sector(sector), out SectorFrame frame)
            && frame.Segment == _segment
            && frame.Number != sector)
        {
            StrayBatchMax = Math.Max(StrayBatchMax, frame.Batch);
        }
    }

    private bool TryReadBody(in SectorFrame first, in BatchHeader header, int count, out ulong chain)
    {
        if (_body.Length < header.BodyBytes)
        {
            _body = new byte[Math.Max(header.BodyBytes, 2 * _body.Length)];
        }

        chain = BatchCodec.Link(header.Chain, first.Checksum);
        Span<byte> rest = _body.AsSpan(0, header.BodyBytes);
        CopyPart(sectors.Sector(first.Number)[(SectorFrame.HeaderBytes + BatchHeader.Bytes)..], ref rest);
        for (int i = 1; i < count; i++)
        {
            ReadOnlySpan<byte> bytes = sectors.Sector(first.Number + i);
            if (!SectorFrame.TryRead(bytes, out SectorFrame frame)
                || frame.IsFirst
                || frame.Segment != _segment
                || frame.Number != first.Number + i
                || frame.Batch != first.Batch)
            {
                return false;
            }

            chain = BatchCodec.Link(chain, frame.Checksum);
            CopyPart(bytes[SectorFrame.HeaderBytes..], ref rest);
        }

        return true;
    }

    private static void CopyPart(ReadOnlySpan<byte> payload, ref Span<byte> rest)
    {
        int part = Math.Min(payload.Length, rest.Length);
        payload[..part].CopyTo(rest);
        rest = rest[part..];
    }
}
