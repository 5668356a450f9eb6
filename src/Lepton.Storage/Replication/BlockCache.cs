using System.Buffers;
using System.Threading.Channels;
using Lepton.Storage.Blocks;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Replication;

/// <summary>
/// What was last read of other nodes' blocks: in memory those that were used last, on disk those that were written
/// last. A block never changes and bears the hash of its bytes, so nothing here can be older than what the metadata
/// refers to: an overwritten object refers to other blocks. Thread safe.
/// </summary>
internal sealed class BlockCache : IAsyncDisposable
{
    private const int WritesPendingMax = 16;
    private const int DiskSegments = 8;
    private const long SegmentBytesMin = 1024 * 1024;
    private readonly Lock _gate = new();
    private readonly Dictionary<BlockId, LinkedListNode<Held>> _held = [];
    private readonly LinkedList<Held> _byUse = [];
    private readonly long _memoryBytesMax;
    private readonly long _diskBytesMax;
    private readonly BlockStore? _disk;
    private readonly ILogger _logger;
    private readonly Channel<Written> _writes = Channel.CreateBounded<Written>(
        new BoundedChannelOptions(WritesPendingMax) { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly WorkThreads _threads;
    private readonly Task _writer;
    private long _memoryBytes;
    private long _hits;
    private long _misses;

    /// <summary>Whether the disk takes no more; told once.</summary>
    private bool _isFull;

    private BlockCache(ReplicationOptions options, BlockStore? disk, ILogger logger)
    {
        _memoryBytesMax = options.CacheMemoryBytesMax;
        _diskBytesMax = options.CacheDiskBytesMax;
        _disk = disk;
        _logger = logger;
        _threads = options.Threads;
        _writer = disk is null ? Task.CompletedTask : WriteAllAsync(disk);
    }

    /// <summary>How full it is, and what it was good for.</summary>
    public CacheReport Report
    {
        get
        {
            lock (_gate)
            {
                return new CacheReport(_memoryBytes, _disk?.Bytes ?? 0, _hits, _misses);
            }
        }
    }

    /// <summary>Opens a cache. What an earlier process left on the disk is used.</summary>
    /// <param name="directory">Where blocks lie on disk; made where it is missing.</param>
    /// <param name="options">How large it is; of no bytes, its part is left out.</param>
    /// <param name="logger">Where a disk that can't be written is told.</param>
    /// <param name="folder">The disk; null for the folder as it is.</param>
    public static BlockCache Open(
        string directory, ReplicationOptions options, ILogger logger, IBlockDisk? folder = null)
    {
        if (options.CacheDiskBytesMax == 0)
        {
            return new BlockCache(options, null, logger);
        }

        try
        {
            // What a crash leaves of it is verified when it is read, so nothing waits for the disk.
            BlockStore disk = BlockStore.Open(new BlockStoreOptions
            {
                Directory = directory,
                SegmentBytesMax = Math.Max(options.CacheDiskBytesMax / DiskSegments, SegmentBytesMin),
                Flush = static _ => { },
                Disk = folder,
                TimeProvider = options.TimeProvider,
                Threads = options.Threads,
            });
            return new BlockCache(options, disk, logger);
        }
        catch (Exception e) when (IsDiskFault(e))
        {
            // The node has blocks of its own to serve.
            StorageLog.CacheNotWritten(logger, directory, e.Message);
            return new BlockCache(options, null, logger);
        }
    }

    /// <summary>Reads a block; null where it is not here.</summary>
    public BlockBuffer? Find(BlockRef block)
    {
        BlockBuffer? found = FindInMemory(block) ?? FindOnDisk(block);
        _ = found is null ? Interlocked.Increment(ref _misses) : Interlocked.Increment(ref _hits);
        return found;
    }

    /// <summary>Takes in a block that was read elsewhere, and verified. The disk gets it behind the back, or not at all
    /// where it is too slow.</summary>
    public void Add(BlockRef block, ReadOnlyMemory<byte> content)
    {
        AddToMemory(block, content.Span);
        if (_disk is null || _disk.Has(block.Id))
        {
            return;
        }

        BlockBuffer copy = new(content.Length);
        content.CopyTo(copy.Memory);
        if (!_writes.Writer.TryWrite(new Written(block.Id, copy)))
        {
            copy.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _writer.ConfigureAwait(false);
        if (_disk is not null)
        {
            await _disk.DisposeAsync().ConfigureAwait(false);
        }

        lock (_gate)
        {
            while (_byUse.First is { } first)
            {
                Drop(first);
            }
        }
    }

    private BlockBuffer? FindInMemory(BlockRef block)
    {
        lock (_gate)
        {
            if (!_held.TryGetValue(block.Id, out LinkedListNode<Held>? node) || node.Value.Length != block.Length)
            {
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);

            // Under the lock, as the bytes go to another block once this one is dropped.
            BlockBuffer copy = new(block.Length);
            node.Value.Bytes.AsSpan(0, block.Length).CopyTo(copy.Memory.Span);
            return copy;
        }
    }

    private BlockBuffer? FindOnDisk(BlockRef block)
    {
        if (_disk is null || !_disk.Has(block.Id))
        {
            return null;
        }

        try
        {
            BlockBuffer read = _disk.Read(block.Id);
            AddToMemory(block, read.Content.Span);
            return read;
        }
        catch (BlockException)
        {
            // It has gone meanwhile, or a crash or the disk has damaged it: it is read from where it belongs.
            return null;
        }
    }

    private void AddToMemory(BlockRef block, ReadOnlySpan<byte> content)
    {
        if (content.Length > _memoryBytesMax)
        {
            return;
        }

        lock (_gate)
        {
            if (_held.ContainsKey(block.Id))
            {
                return;
            }

            while (_memoryBytes + content.Length > _memoryBytesMax)
            {
                Drop(_byUse.First!);
            }

            Held held = new(block.Id, ArrayPool<byte>.Shared.Rent(content.Length), content.Length);
            content.CopyTo(held.Bytes);
            _held[block.Id] = _byUse.AddLast(held);
            _memoryBytes += content.Length;
        }
    }

    private void Drop(LinkedListNode<Held> node)
    {
        _byUse.Remove(node);
        _held.Remove(node.Value.Id);
        _memoryBytes -= node.Value.Length;
        ArrayPool<byte>.Shared.Return(node.Value.Bytes);
    }

    private async Task WriteAllAsync(BlockStore disk)
    {
        while (await _writes.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            // Whoever has added one goes on at once.
            await _threads.YieldAsync().ConfigureAwait(false);
            while (_writes.Reader.TryRead(out Written next))
            {
                await WriteAsync(disk, next).ConfigureAwait(false);
            }
        }
    }

    private async Task WriteAsync(BlockStore disk, Written next)
    {
        using BlockBuffer content = next.Content;
        try
        {
            BlockRef written = await disk.PutAsync(next.Id, content.Content, CancellationToken.None)
                .ConfigureAwait(false);
            disk.Unpin([written]);
            _isFull = false;
        }
        catch (Exception e) when (IsDiskFault(e))
        {
            TellNotWritten(disk, e);
        }

        try
        {
            while ((_isFull || disk.Bytes > _diskBytesMax) && disk.ClosedSegments() is [var oldest, ..])
            {
                disk.Forget(oldest);
                _isFull = false;
            }
        }
        catch (Exception e) when (IsDiskFault(e))
        {
            TellNotWritten(disk, e);
        }
    }

    private static bool IsDiskFault(Exception e) => e is BlockException or IOException or UnauthorizedAccessException;

    /// <summary>Once: objects are read from where they belong, and what is here makes room for them.</summary>
    private void TellNotWritten(BlockStore disk, Exception fault)
    {
        if (!_isFull)
        {
            StorageLog.CacheNotWritten(_logger, disk.Options.Directory, fault.Message);
        }

        _isFull = true;
    }

    private sealed record Held(BlockId Id, byte[] Bytes, int Length);

    private readonly record struct Written(BlockId Id, BlockBuffer Content);
}
