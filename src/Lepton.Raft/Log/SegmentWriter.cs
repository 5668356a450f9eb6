using Lepton.Core;
using Lepton.Raft.Disk;

namespace Lepton.Raft.Log;

/// <summary>
/// The segments of a log, and the place in the last one where the next batch goes. Owns their files. Knows what is
/// written and what is durable, and nothing of what the entries mean.
/// </summary>
internal sealed class SegmentWriter : IDisposable
{
    /// <summary>The most that is appended in one step, in bytes: what one array can hold, with room to spare.</summary>
    private const long BatchBytesMax = 1 << 30;
    private const int BufferBytesKept = 8 << 20;

    /// <summary>Blank sectors that are written ahead, 256 KiB at a time.</summary>
    private const int AheadSectors = 512;
    private readonly IDisk _disk;
    private readonly LogIdentity _identity;
    private readonly SegmentedLogOptions _options;
    private readonly List<LogSegment> _segments;
    private byte[] _buffer = new byte[64 << 10];
    private string? _spare;
    private bool _writable;
    private int _endSector;
    private int _durableSector;

    // Before this sector, blocks were written before. A segment of another process may have something there: all of it.
    private int _writtenSector = int.MaxValue;
    private ulong _chain;
    private uint _batch;
    private uint _batchMax;
    private string? _failure;

    public SegmentWriter(IDisk disk, LogIdentity identity, SegmentedLogOptions options, RecoveredLog found)
    {
        _disk = disk;
        _identity = identity;
        _options = options;
        _segments = found.Segments;
        _spare = found.Spare;
        _endSector = found.EndSector;
        _chain = found.Chain;
        _batch = found.Batch;
        _batchMax = Math.Max(found.BatchMax, found.Batch);

        // Behind damage nothing can be added: a new segment states where the log stands.
        _writable = _segments.Count > 0 && found.Damage is null;
    }

    public int SegmentCount => _segments.Count;

    private LogSegment Last => _segments[^1];

    public LogSegment Find(ulong sequence)
    {
        int index = (int)(sequence - _segments[0].Sequence);
        LogSegment segment = index < _segments.Count && _segments[index].Sequence == sequence
            ? _segments[index]
            : _segments.Find(item => item.Sequence == sequence)!;
        return segment;
    }

    /// <summary>
    /// Puts on the disk what was read when the log was opened: the process that wrote it may have ended before it was
    /// flushed, or after a flush failed, and then the system takes what it could not write for written. So it is
    /// written again.
    /// </summary>
    public void MakeDurable(int unsureSector)
    {
        if (_segments.Count == 0)
        {
            return;
        }

        Guard(() =>
        {
            int bytes = (_endSector - unsureSector) * SectorFrame.SectorBytes;
            if (_writable && bytes > 0)
            {
                byte[] again = new byte[bytes];
                long offset = (long)unsureSector * SectorFrame.SectorBytes;
                int read = Last.File.Read(offset, again);
                Invariant.Check(read == bytes);
                Last.File.Write(offset, again);
            }

            Last.File.Sync();
            _disk.SyncDirectory();
            _durableSector = _endSector;
        });
    }

    /// <summary>Writes a batch, in a new segment where the last one has no room for it.</summary>
    /// <exception cref="DiskFullException">There is no room; nothing has changed.</exception>
    public BatchPlace Write(
        in LogView view, LogIndex previous, Term previousTerm, IReadOnlyList<LogEntry> entries, HardState hardState)
    {
        ThrowIfFailed();
        long body = BatchCodec.BodyBytes(entries);
        if (body > BatchBytesMax)
        {
            throw new ArgumentException(
                $"{body:N0} bytes were appended in one step; at most {BatchBytesMax:N0} can be. Append fewer " +
                "entries at once.",
                nameof(entries));
        }

        int sectors = SectorFrame.SectorsFor(body);
        MakeRoom(sectors, view, entries);
        BatchHeader header = new(
            (int)body, entries.Count, _durableSector, _batch, _chain, hardState, previous, previousTerm);
        uint batch = ++_batchMax;
        WriteAhead(sectors);
        Span<byte> bytes = Buffer(sectors);
        ulong chain = BatchCodec.Encode(bytes, header, entries, (uint)Last.Sequence, _endSector, batch);
        Guard(Last.File, (long)_endSector * SectorFrame.SectorBytes, bytes);
        BatchPlace place = new(previous, entries.Count, Last.Sequence, _endSector, sectors, batch);
        _batch = batch;
        _chain = chain;
        _endSector += sectors;
        return place;
    }

    /// <summary>Returns when everything is on the disk.</summary>
    public void Sync()
    {
        ThrowIfFailed();
        if (_writable && _durableSector < _endSector)
        {
            Guard(() => Last.File.Sync());
            _durableSector = _endSector;
        }
    }

    /// <summary>Whether <see cref="DropBefore"/> would drop a segment.</summary>
    public bool CanDropBefore(ulong? needed) =>
        _segments.Count > 1 && (needed is null || _segments[0].Sequence < needed);

    /// <summary>Drops the segments before <paramref name="needed"/>, or all but the last where it is null.</summary>
    /// <returns>The first segment that is left.</returns>
    public ulong DropBefore(ulong? needed)
    {
        if (_segments.Count == 0)
        {
            return 0;
        }

        ulong limit = needed ?? Last.Sequence;
        bool dropped = false;
        while (_segments[0].Sequence < limit && _segments.Count > 1)
        {
            LogSegment segment = _segments[0];
            _segments.RemoveAt(0);
            Guard(() => Drop(segment));
            dropped = true;
        }

        if (dropped)
        {
            // Before a dropped file is used again: its old name must not show its new content after a crash.
            Guard(_disk.SyncDirectory);
        }

        return _segments[0].Sequence;
    }

    public void Dispose() => _segments.ForEach(segment => segment.Dispose());

    /// <summary>
    /// Writes blank sectors behind a small batch that is the first to come here. A file system notes for each reserved
    /// block whether it was written; done block by block, that costs a flush a third of its time. A blank one says
    /// where it belongs, as all do: zeros that land in the wrong place would look like a batch that was never written.
    /// </summary>
    private void WriteAhead(int sectors)
    {
        int end = _endSector + sectors;
        if (end <= _writtenSector)
        {
            return;
        }

        _writtenSector = end;
        int count = Math.Min(AheadSectors, Last.Sectors - end);
        if (sectors > AheadSectors / 4 || count == 0)
        {
            return;
        }

        Span<byte> blank = Buffer(count);
        blank.Clear();
        for (int i = 0; i < count; i++)
        {
            SectorFrame.Seal(
                blank[(i * SectorFrame.SectorBytes)..], (uint)Last.Sequence, end + i, batch: 0, isFirst: false);
        }

        Guard(Last.File, (long)end * SectorFrame.SectorBytes, blank);
        _writtenSector = end + count;
    }

    private Span<byte> Buffer(int sectors)
    {
        int bytes = sectors * SectorFrame.SectorBytes;
        if (bytes <= _buffer.Length)
        {
            return _buffer.AsSpan(0, bytes);
        }

        byte[] buffer = new byte[Math.Max(bytes, Math.Min(2 * _buffer.Length, BufferBytesKept))];
        if (buffer.Length <= BufferBytesKept)
        {
            _buffer = buffer;
        }

        return buffer.AsSpan(0, bytes);
    }

    private void MakeRoom(int sectors, in LogView view, IReadOnlyList<LogEntry> entries)
    {
        int left = _writable ? Last.Sectors - _endSector : 0;
        if (sectors <= left - _options.ReserveSectors)
        {
            return;
        }

        try
        {
            Roll(sectors, view);
        }
        catch (DiskFullException) when (sectors <= left && IsVital(entries))
        {
            // What the reserve is for: the batch goes into the last part of this segment.
            return;
        }
    }

    /// <summary>What a cluster needs to have a leader and to be read from, while commands must wait for room.</summary>
    private static bool IsVital(IReadOnlyList<LogEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            if (entries[i].Kind == EntryKind.Command)
            {
                return false;
            }
        }

        return true;
    }

    private void Roll(int sectors, in LogView view)
    {
        if (_segments.Count > 0)
        {
            // The new segment states where this one ends, so that end must be durable first.
            Sync();
        }

        ulong sequence = _segments.Count > 0 ? Last.Sequence + 1 : 1;
        int size = Math.Max(_options.SegmentSectors, SegmentHeader.FirstSector + sectors + _options.ReserveSectors);
        SegmentHeader header = new(
            _identity,
            sequence,
            size,
            _segments.Count > 0 ? _endSector : 0,
            _chain,
            view.LastIndex,
            view.LastTerm,
            view.HardState,
            view.Damage);
        bool isFresh = _spare is null;
        LogSegment segment = Make(header);
        _segments.Add(segment);
        _writable = true;
        _endSector = SegmentHeader.FirstSector;
        _durableSector = _endSector;
        _writtenSector = isFresh ? _endSector : int.MaxValue;
        _batch = 0;
        _batchMax = 0;
    }

    private LogSegment Make(SegmentHeader header)
    {
        string name = SegmentHeader.NameOf(header.Sequence);
        long bytes = (long)header.Sectors * SectorFrame.SectorBytes;
        IDiskFile? file = OpenSpare(bytes);
        string temporary = file is null ? LogRecovery.TemporaryName : LogRecovery.SpareName;
        try
        {
            file ??= _disk.Create(temporary, bytes);
            Span<byte> sector = stackalloc byte[SectorFrame.SectorBytes];
            header.Write(sector);
            file.Write(0, sector);
            file.Write(SegmentHeader.CopyOffset, sector);
            file.Sync();
            _disk.Rename(temporary, name);
            _disk.SyncDirectory();
            _spare = temporary == LogRecovery.SpareName ? null : _spare;
            return new LogSegment(header.Sequence, name, file, header.Sectors);
        }
        catch (DiskFullException)
        {
            if (file is not null)
            {
                file.Dispose();
                _disk.Delete(temporary);
                _spare = temporary == LogRecovery.SpareName ? null : _spare;
            }

            throw;
        }
        catch (DiskFailedException fault)
        {
            file?.Dispose();
            _failure = fault.Message;
            throw;
        }
    }

    private IDiskFile? OpenSpare(long bytes)
    {
        if (_spare is null)
        {
            return null;
        }

        IDiskFile file = _disk.Open(_spare);
        if (file.Length == bytes)
        {
            return file;
        }

        file.Dispose();
        return null;
    }

    private void Drop(LogSegment segment)
    {
        segment.Dispose();
        if (_spare is null && !segment.IsDamaged && segment.Sectors == _options.SegmentSectors)
        {
            _disk.Rename(segment.Name, LogRecovery.SpareName);
            _spare = LogRecovery.SpareName;
        }
        else
        {
            _disk.Delete(segment.Name);
        }
    }

    private void Guard(IDiskFile file, long offset, ReadOnlySpan<byte> bytes)
    {
        try
        {
            file.Write(offset, bytes);
        }
        catch (DiskFailedException fault)
        {
            _failure = fault.Message;
            throw;
        }
    }

    private void Guard(Action action)
    {
        ThrowIfFailed();
        try
        {
            action();
        }
        catch (DiskFailedException fault)
        {
            _failure = fault.Message;
            throw;
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new DiskFailedException(
                $"The log in {_disk.Path} is not written any more since its disk failed: {_failure}");
        }
    }
}
