using Lepton.Core.Durability;
using Lepton.Core.Hashing;

namespace Lepton.Storage.Blocks;

/// <summary>
/// Reads the blocks of a segment one by one, from the disk and by the file's name: pages that the system remembers, and
/// a file that was deleted and only this process still has, are good until the next start and no longer. A block's
/// SHA-256 is computed as well as its checksum. One flow at a time.
/// </summary>
internal sealed class SegmentCheck : IDisposable
{
    private readonly BlockStore _store;
    private readonly IBlockFile? _file;
    private readonly Queue<(BlockId Id, BlockLocation Location)> _left;
    private bool _isCondemned;
    private long _readFrom;
    private long _freshTo;

    private SegmentCheck(BlockStore store, SegmentFile segment, long from)
    {
        (_store, Segment) = (store, segment);

        // In this order: a block that is placed meanwhile is behind the end, and read with what comes next.
        End = segment.Length;
        _readFrom = from;
        _left = new(store.Index.In(segment, from).Where(block => block.Location.Offset < End));
        _file = segment.OpenByName();
        _isCondemned = _file is null;
    }

    /// <summary>The segment.</summary>
    public SegmentFile Segment { get; }

    /// <summary>Where the segment ended when this began.</summary>
    public long End { get; }

    /// <summary>Whether no block is left to be checked.</summary>
    public bool IsDone => _left.Count == 0;

    /// <summary>Begins to check a segment.</summary>
    /// <param name="store">Whose it is.</param>
    /// <param name="segment">The segment.</param>
    /// <param name="from">Blocks before this place are left out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">The disk can't be used.</exception>
    public static async Task<SegmentCheck> OpenAsync(
        BlockStore store, SegmentFile segment, long from, CancellationToken cancellationToken)
    {
        if (!segment.IsThere())
        {
            // Nothing more may go where the next start will not find it.
            await store.CloseAsync(segment, cancellationToken).ConfigureAwait(false);
        }

        return new SegmentCheck(store, segment, from);
    }

    /// <summary>Checks the next block.</summary>
    /// <returns>Null where there is none left.</returns>
    /// <exception cref="IOException">The disk can't be written to.</exception>
    public async Task<SegmentFinding?> NextAsync(CancellationToken cancellationToken)
    {
        if (!_left.TryDequeue(out (BlockId Id, BlockLocation Location) next))
        {
            return null;
        }

        (BlockId id, BlockLocation location) = next;
        long end = location.Offset + SegmentFormat.RecordHeaderSize + location.Length;
        BlockCondition condition = await CheckAsync(id, location, cancellationToken).ConfigureAwait(false);
        return new SegmentFinding(new BlockRef(id, location.PlainLength), end, condition);
    }

    /// <summary>Ends the check: a segment whose file is not there any more is forgotten, once nothing of it is
    /// needed.</summary>
    /// <exception cref="IOException">The disk can't be used.</exception>
    public async Task CompleteAsync()
    {
        if (!_isCondemned)
        {
            return;
        }

        await _store.SyncAsync().ConfigureAwait(false);
        if (_store.ClosedSegments().Contains(Segment) && !_store.Index.IsIn(Segment))
        {
            _store.Delete(Segment);
        }
    }

    public void Dispose()
    {
        // Nobody needs it again soon, and others' pages would go for it.
        _file?.DropCached(_readFrom, _freshTo - _readFrom);
        _file?.Dispose();
    }

    private async Task<BlockCondition> CheckAsync(
        BlockId id, BlockLocation location, CancellationToken cancellationToken)
    {
        if (_store.Index.Find(id) != location)
        {
            return BlockCondition.Gone;
        }

        using BlockBuffer stored = new(location.Length);
        if (_file is not null)
        {
            Refresh(_file, location);
            if (IsGood(_file, id, location, stored.Memory.Span))
            {
                return BlockCondition.Good;
            }
        }

        try
        {
            location.Segment.File.DropCached(location.Offset, SegmentFormat.RecordHeaderSize + location.Length);
            if (IsGood(location.Segment.File, id, location, stored.Memory.Span))
            {
                _isCondemned = true;
                StorageLog.BlockRescued(_store.Options.Logger, id, location.Segment.Path);

                // Its file may be another now, which is not written to: not there is it to be copied.
                await _store.CloseAsync(location.Segment, cancellationToken).ConfigureAwait(false);
                await _store.CopyAsync(id, location, cancellationToken).ConfigureAwait(false);
                return BlockCondition.Rescued;
            }
        }
        catch (ObjectDisposedException) when (location.Segment.IsDeleted)
        {
            // A collection has copied what was needed of it meanwhile.
            return BlockCondition.Gone;
        }

        if (_store.Index.Find(id) != location)
        {
            return BlockCondition.Gone;
        }

        _store.Index.MarkDamaged(id, location);
        StorageLog.BlockDamaged(_store.Options.Logger, new BlockDamage(
            location.Segment.Path, location.Offset, SegmentFormat.RecordHeaderSize + location.Length, id));
        return BlockCondition.Damaged;
    }

    /// <summary>Has what comes next read from the disk, and what was read before forgotten. A grain of the system's
    /// memory once: small blocks share it.</summary>
    private void Refresh(IBlockFile file, BlockLocation next)
    {
        long end = next.Offset + SegmentFormat.RecordHeaderSize + next.Length;
        if (end > _freshTo)
        {
            _freshTo = (end + PageCache.GrainBytes - 1) / PageCache.GrainBytes * PageCache.GrainBytes;
            file.DropCached(_readFrom, _freshTo - _readFrom);
            _readFrom = next.Offset;
        }
    }

    private bool IsGood(IBlockFile file, BlockId id, BlockLocation location, Span<byte> stored)
    {
        Span<byte> header = stackalloc byte[SegmentFormat.RecordHeaderSize];
        try
        {
            return SegmentFile.Read(file, header, location.Offset) == header.Length
                && SegmentFormat.TryReadRecordHeader(header, out BlockRecord record)
                && record.Id == id && record.Length == location.Length && record.PlainLength == location.PlainLength
                && SegmentFile.Read(file, stored, location.Offset + header.Length) == location.Length
                && Crc32C.Compute(stored) == record.Crc && IsContent(stored, id, record);
        }
        catch (IOException e)
        {
            // A sector that can't be read.
            StorageLog.ReadFailed(_store.Options.Logger, location.Segment.Path, location.Offset, e.Message);
            return false;
        }
    }

    private static bool IsContent(ReadOnlySpan<byte> stored, BlockId id, BlockRecord record)
    {
        if (!record.IsCompressed)
        {
            return BlockId.Of(stored) == id;
        }

        using BlockBuffer content = new(record.PlainLength);
        return BlockCompressor.TryDecompress(stored, content.Memory.Span) && BlockId.Of(content.Content.Span) == id;
    }
}
