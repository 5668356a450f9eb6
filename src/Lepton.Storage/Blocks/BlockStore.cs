using Lepton.Core;
using Lepton.Core.Hashing;

namespace Lepton.Storage.Blocks;

/// <summary>
/// The blocks of one node: appended to segment files, found by their content's hash, verified whenever they are read.
/// Thread safe.
/// </summary>
/// <remarks>
/// A block is durable once <see cref="SyncAsync"/> has returned after it was put. Segments are appended to one block at
/// a time, so that what a crash leaves half-written is at the end of the last one. Nothing is counted on disk: which
/// blocks are needed is what the metadata says at the time of a collection (<see cref="Collection"/>).
/// </remarks>
internal sealed class BlockStore : IAsyncDisposable
{
    private readonly BlockStoreOptions _options;
    private readonly IBlockDisk _disk;
    private readonly BlockIndex _index = new();
    private readonly SortedDictionary<long, SegmentFile> _segments = [];
    private readonly SemaphoreSlim _appending = new(1, 1);
    private readonly GroupCommit _commit;
    private readonly BlockCompressor _compressor;
    private SegmentFile _active;

    private BlockStore(BlockStoreOptions options)
    {
        _options = options;
        _disk = options.Disk ?? new BlockFolder(options.Directory, options.Flush);
        _commit = new GroupCommit(Flush, e => Failed?.Invoke(e), options.Threads);
        _compressor = new BlockCompressor(options.CompressionSavingMin);
        _active = null!;
    }

    /// <summary>Raised once, when the disk could not be flushed: nothing more is taken.</summary>
    public event Action<BlockException>? Failed;

    /// <summary>What was found damaged when the store was opened.</summary>
    public IReadOnlyList<BlockDamage> Damages { get; private set; } = [];

    /// <summary>How many blocks there are.</summary>
    public int Count => _index.Count;

    /// <summary>How many bytes the blocks have, and how many are stored of them.</summary>
    public BlockBytes BlockBytes => _index.Bytes;

    /// <summary>Bytes of all segments.</summary>
    public long Bytes
    {
        get
        {
            lock (_segments)
            {
                return _segments.Values.Sum(static segment => segment.Length);
            }
        }
    }

    internal BlockIndex Index => _index;

    internal BlockStoreOptions Options => _options;

    /// <summary>Opens the store: reads the headers of all segments, and cuts what a crash left half-written.</summary>
    /// <exception cref="IOException">The folder can't be used, or holds a segment of another format.</exception>
    public static BlockStore Open(BlockStoreOptions options)
    {
        BlockStore store = new(options);
        try
        {
            store.Load();
            return store;
        }
        catch
        {
            store.CloseFiles();
            throw;
        }
    }

    /// <summary>Pins blocks: they stay, whatever the metadata says, until they are unpinned as often.</summary>
    /// <returns>Whether all of them are there.</returns>
    public bool Pin(IReadOnlyCollection<BlockRef> blocks)
    {
        bool all = true;
        foreach (BlockRef block in blocks)
        {
            all &= _index.Pin(block.Id) is not null;
        }

        return all;
    }

    /// <summary>Whether a block is there and not known to be damaged; it stays through a collection under
    /// way.</summary>
    public bool Has(BlockId id) => _index.Has(id);

    /// <summary>Whether a block is there, damaged or not.</summary>
    public bool Contains(BlockId id) => _index.Find(id) is not null;

    /// <summary>All blocks that are there now.</summary>
    public BlockId[] Ids() => _index.Ids();

    /// <summary>Undoes <see cref="Pin"/>, or what <c>PutAsync</c> pinned.</summary>
    public void Unpin(IEnumerable<BlockRef> blocks)
    {
        foreach (BlockRef block in blocks)
        {
            _index.Unpin(block.Id);
        }
    }

    /// <summary>
    /// Stores a block, and pins it. One that is there already is compared, not written; where it is damaged, it is
    /// replaced by this one.
    /// </summary>
    /// <exception cref="BlockException">The disk is full, or failed; nothing is pinned then.</exception>
    public async Task<BlockRef> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(content.Length);
        return await PutAsync(BlockId.Of(content.Span), content, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores a block whose name is known, as <see cref="PutAsync(ReadOnlyMemory{byte},
    /// CancellationToken)"/> does.</summary>
    public async Task<BlockRef> PutAsync(BlockId id, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        try
        {
            if (_index.Pin(id) is null || !IsStored(id, content.Span))
            {
                long now = _options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();
                using BlockBuffer? packed = _compressor.TryCompress(content.Span, out int length);
                ReadOnlyMemory<byte> stored = packed?.Content[..length] ?? content;
                BlockRecord record = new(id, stored.Length, content.Length, now, Crc32C.Compute(stored.Span));
                await AppendAsync(record, stored, to => _index.Put(id, to), cancellationToken).ConfigureAwait(false);
            }

            return new BlockRef(id, content.Length);
        }
        catch
        {
            _index.Unpin(id);
            throw;
        }
    }

    /// <summary>Returns when all blocks that were put before are on the disk.</summary>
    /// <exception cref="BlockException">The disk failed.</exception>
    public Task SyncAsync() => _commit.SyncAsync();

    /// <summary>Reads a block and verifies it.</summary>
    /// <exception cref="BlockException">It is missing or damaged.</exception>
    public BlockBuffer Read(BlockId id)
    {
        BlockLocation? before = null;
        while (_index.Find(id) is { } location && location != before)
        {
            try
            {
                return Read(id, location);
            }
            catch (ObjectDisposedException) when (location.Segment.IsDeleted)
            {
                // A collection has copied the block elsewhere meanwhile; the same place again would be its loss.
                before = location;
            }
        }

        throw new BlockException(
            BlockFailure.Missing,
            $"The block {id} is not in {_options.Directory}. It was lost with a file, or the folder is an older " +
            "copy of itself; put the objects again that have it.");
    }

    /// <summary>Has nothing more appended to a segment.</summary>
    internal async Task CloseAsync(SegmentFile segment, CancellationToken cancellationToken)
    {
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_active == segment)
            {
                Roll();
            }
        }
        finally
        {
            _appending.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _appending.WaitAsync().ConfigureAwait(false);
        CloseFiles();
        _appending.Dispose();
    }

    /// <summary>The segments that nothing is appended to any more, by number.</summary>
    internal List<SegmentFile> ClosedSegments()
    {
        lock (_segments)
        {
            return [.. _segments.Values.Where(segment => segment != _active)];
        }
    }

    /// <summary>All segments, by number.</summary>
    internal List<SegmentFile> Segments()
    {
        lock (_segments)
        {
            return [.. _segments.Values];
        }
    }

    /// <summary>Deletes a segment that no block lies in any more.</summary>
    internal void Delete(SegmentFile segment)
    {
        Invariant.Check(!_index.IsIn(segment));
        lock (_segments)
        {
            _segments.Remove(segment.Number);
        }

        segment.Delete();
        _disk.FlushNames();
    }

    /// <summary>Deletes a closed segment with the blocks that lie in it, whoever needs them.</summary>
    internal void Forget(SegmentFile segment)
    {
        _index.RemoveIn(segment);
        Delete(segment);
    }

    /// <summary>Copies a block to the end as it is stored, with the time at which it was first written, and has the
    /// index say so.</summary>
    /// <exception cref="BlockException">It is damaged, or the disk is full, or failed.</exception>
    internal async Task CopyAsync(BlockId id, BlockLocation from, CancellationToken cancellationToken)
    {
        using BlockBuffer stored = ReadStored(id, from);
        BlockRecord record = new(
            id, from.Length, from.PlainLength, from.WrittenAtMs, Crc32C.Compute(stored.Content.Span));
        await AppendAsync(record, stored.Content, to => _index.Move(id, from, to), cancellationToken)
            .ConfigureAwait(false);
    }

    internal BlockBuffer Read(BlockId id, BlockLocation location)
    {
        BlockBuffer stored = ReadStored(id, location);
        if (location.Length == location.PlainLength)
        {
            return stored;
        }

        using (stored)
        {
            BlockBuffer content = new(location.PlainLength);
            if (BlockCompressor.TryDecompress(stored.Content.Span, content.Memory.Span))
            {
                return content;
            }

            content.Dispose();
            throw Damaged(id, location);
        }
    }

    /// <summary>Reads what is stored of a block, and verifies it.</summary>
    private BlockBuffer ReadStored(BlockId id, BlockLocation location)
    {
        BlockBuffer buffer = new(location.Length);
        IOException? unreadable = null;
        try
        {
            // Apart, so that the buffer is no longer than the block: the pool's are powers of two, as blocks are.
            Span<byte> header = stackalloc byte[SegmentFormat.RecordHeaderSize];
            if (location.Segment.Read(header, location.Offset) == header.Length
                && SegmentFormat.TryReadRecordHeader(header, out BlockRecord record)
                && record.Id == id && record.Length == location.Length && record.PlainLength == location.PlainLength
                && location.Segment.Read(buffer.Memory.Span, location.Offset + header.Length) == location.Length
                && Crc32C.Compute(buffer.Content.Span) == record.Crc)
            {
                return buffer;
            }
        }
        catch (IOException e)
        {
            // A sector that can't be read any more is damage like any other: another node has the block.
            StorageLog.ReadFailed(_options.Logger, location.Segment.Path, location.Offset, e.Message);
            unreadable = e;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }

        buffer.Dispose();
        throw Damaged(id, location, unreadable);
    }

    private BlockException Damaged(BlockId id, BlockLocation location, IOException? unreadable = null)
    {
        _index.MarkDamaged(id, location);
        BlockDamage damage = new(
            location.Segment.Path, location.Offset, SegmentFormat.RecordHeaderSize + location.Length, id);
        StorageLog.BlockDamaged(_options.Logger, damage);
        return new BlockException(
            BlockFailure.Damaged,
            $"A block is damaged: {damage}. " + (unreadable is null
                ? "Its checksum is not that of what was written"
                : $"It can't be read ({unreadable.Message.TrimEnd('.')})") +
            ", so it is not given. Check the disk; putting the same bytes again replaces it.", unreadable);
    }

    private bool IsStored(BlockId id, ReadOnlySpan<byte> content)
    {
        try
        {
            // Before it is read: what was moved meanwhile may be damaged where it is now.
            BlockLocation? location = _index.Find(id);
            using BlockBuffer there = Read(id);
            bool isSame = there.Content.Span.SequenceEqual(content);
            if (isSame && location is { } read)
            {
                _index.MarkWhole(id, read);
            }

            return isSame;
        }
        catch (BlockException)
        {
            // Damaged, and told so: what is put now takes its place.
            return false;
        }
    }

    /// <summary>Appends a block. The index has it before another can close the segment: a collection that finds a
    /// segment closed finds all its blocks in the index.</summary>
    private async Task AppendAsync(
        BlockRecord record, ReadOnlyMemory<byte> content, Action<BlockLocation> place,
        CancellationToken cancellationToken)
    {
        byte[] header = new byte[SegmentFormat.RecordHeaderSize];
        SegmentFormat.WriteRecordHeader(header, record);
        await _appending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_active.Length >= _options.SegmentBytesMax)
            {
                Roll();
            }

            SegmentFile segment = _active;
            segment.Append(header, content, offset => place(
                new BlockLocation(segment, offset, content.Length, record.WrittenAtMs, record.PlainLength)));
        }
        finally
        {
            _appending.Release();
        }
    }

    /// <summary>
    /// Only while appending: what the old segment has must be safe before anything goes into a new one. The kernel
    /// tells of pages that it could not write once, and may tell it here: then nothing is safe any more.
    /// </summary>
    private void Roll()
    {
        SegmentFile next;
        try
        {
            _active.File.Flush();
            next = SegmentFile.Create(_disk, _active.Number + 1);
        }
        catch (BlockException e) when (e.Failure == BlockFailure.DiskFull)
        {
            throw;
        }
        catch (Exception e)
        {
            throw _commit.Fail(e);
        }

        lock (_segments)
        {
            _segments.Add(next.Number, next);
            Volatile.Write(ref _active, next);
        }
    }

    private void Flush()
    {
        SegmentFile active = Volatile.Read(ref _active);
        try
        {
            active.File.Flush();
        }
        catch (ObjectDisposedException) when (active.IsDeleted)
        {
            // It was flushed when it was closed, before a collection deleted it.
            return;
        }
    }

    private void Load()
    {
        List<BlockDamage> damages = [];
        List<(long Number, string Name)> files = SegmentFile.List(_disk);
        bool goesOn = false;
        for (int i = 0; i < files.Count; i++)
        {
            goesOn = LoadSegment(files[i].Number, files[i].Name, i == files.Count - 1, damages);
        }

        foreach (BlockDamage damage in damages)
        {
            StorageLog.BlockDamaged(_options.Logger, damage);
        }

        // A process that was killed may have made a segment and not have come to flush its name.
        _disk.FlushNames();
        Damages = damages;
        if (_segments.Count == 0 || !goesOn || _segments.Values.Last().Version != SegmentFormat.Version)
        {
            // To one of an older format nothing is added that programs of its time would take for something else. What
            // it has is flushed now, as later flushes are of the new one.
            if (_segments.Count > 0)
            {
                _segments.Values.Last().File.Flush();
            }

            long next = files.Count == 0 ? 1 : files[^1].Number + 1;
            _segments.Add(next, SegmentFile.Create(_disk, next));
        }

        _active = _segments.Values.Last();
    }

    /// <returns>Whether more can be appended to it.</returns>
    private bool LoadSegment(long number, string name, bool isLast, List<BlockDamage> damages)
    {
        SegmentFile segment = SegmentFile.Open(_disk, number, name);
        byte[] header = new byte[SegmentFormat.FileHeaderSize];
        ReadOnlySpan<byte> begin = header.AsSpan(0, segment.Read(header, 0));
        bool isWhole = SegmentFormat.IsFileHeader(begin);
        if (isLast && !isWhole && segment.Length <= SegmentFormat.FileHeaderSize)
        {
            // The crash came before its header was flushed, so that nothing was written behind it.
            segment.Delete();
            return false;
        }

        _segments.Add(number, segment);
        if (SegmentFormat.VersionFault(begin) is { } fault)
        {
            throw new IOException(
                $"{segment.Path} can't be used: {fault}. Start the version of Lepton that wrote it, or move the file " +
                "away; the blocks in it are missing then.");
        }

        if (!isWhole)
        {
            damages.Add(new BlockDamage(segment.Path, 0, SegmentFormat.FileHeaderSize, null));
        }

        SegmentScanner scanner = new(segment, isLast && isWhole, isWhole);
        scanner.Scan();
        foreach ((BlockRecord record, long offset) in scanner.Blocks)
        {
            _index.Put(
                record.Id,
                new BlockLocation(segment, offset, record.Length, record.WrittenAtMs, record.PlainLength));
        }

        damages.AddRange(scanner.Damages);
        if (isLast && isWhole && scanner.GoodEnd < segment.Length
            && !scanner.Damages.Exists(d => d.Offset >= scanner.GoodEnd))
        {
            StorageLog.TornTailCut(_options.Logger, segment.Path, segment.Length - scanner.GoodEnd);
            segment.File.SetLength(scanner.GoodEnd);
            segment.File.Flush();
            segment.Length = scanner.GoodEnd;
        }

        return isWhole;
    }

    private void CloseFiles()
    {
        foreach (SegmentFile segment in _segments.Values)
        {
            segment.Dispose();
        }

        _segments.Clear();
    }
}
