using System.Diagnostics.CodeAnalysis;
using Lepton.Compute.Protocol;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>
/// The cached partitions of one executor. They stay in memory, least recently used first out, up to a share of the
/// executor's budget, in which those that are being collected count too; what does not fit lies coded on disk. Thread
/// safe.
/// </summary>
internal sealed class BlockCache(string directory, long memoryBytes)
{
    private const int BytesPerEncodedByte = 2;
    private const int RecordOverheadBytes = 32;
    private const int ReservedBytesMax = 1 << 20;

    // Reserved in steps, so that slots that collect at the same time don't meet at the lock for each record.
    private readonly long _stepBytes = Math.Clamp(memoryBytes / 64, 1, ReservedBytesMax);
    private readonly Lock _lock = new();
    private readonly Dictionary<(int Cache, int Partition), Block> _blocks = [];
    private readonly LinkedList<Block> _inMemory = [];
    private readonly List<Addition> _additions = [];

    // Tasks of an action that began before can still come. An id is never used again; what stays is a number each.
    private readonly HashSet<int> _released = [];
    private long _keptBytes;
    private long _inWorkBytes;

    /// <summary>
    /// Finds a partition. Its records stay readable to the end of one enumeration, released or not meanwhile.
    /// </summary>
    public bool TryGet<T>(int cache, int partition, [NotNullWhen(true)] out IEnumerable<T>? records)
    {
        lock (_lock)
        {
            records = null;
            if (!_blocks.TryGetValue((cache, partition), out Block? block))
            {
                return false;
            }

            if (block.Records is List<T> kept)
            {
                _inMemory.Remove(block.Node!);
                _inMemory.AddLast(block.Node!);
                records = kept;
                return true;
            }

            try
            {
                // Opened here, where nobody can delete it; what is open stays readable.
                records = new OpenedRecords<T>(block.Path!);
                return true;
            }
            catch (Exception e) when (e is IOException or CorruptRecordException)
            {
                // The disk has lost it: it is computed again, as if it had never been here.
                _blocks.Remove((cache, partition));
                return false;
            }
        }
    }

    /// <summary>
    /// Computes a partition to its end and keeps it. Memory is bounded: past the share, the records go straight to
    /// the file.
    /// </summary>
    public IEnumerable<T> Add<T>(int cache, int partition, IEnumerable<T> source, TaskContext context)
    {
        var addition = new Addition(cache, partition);
        lock (_lock)
        {
            addition.IsReleased = _released.Contains(cache);
            _additions.Add(addition);
        }

        try
        {
            return Collect(addition, source, context);
        }
        finally
        {
            lock (_lock)
            {
                _additions.Remove(addition);
            }
        }
    }

    /// <summary>
    /// Forgets a cache and deletes its files. What is being added to it, or comes later, goes to its reader and is not
    /// kept.
    /// </summary>
    public void Release(int cache)
    {
        List<Block> released = [];
        lock (_lock)
        {
            _released.Add(cache);
            foreach (Addition addition in _additions.Where(addition => addition.Cache == cache))
            {
                addition.IsReleased = true;
            }

            foreach ((int Cache, int Partition) id in _blocks.Keys.Where(id => id.Cache == cache).ToList())
            {
                _blocks.Remove(id, out Block? block);
                released.Add(block!);
                if (block!.Node is { } node)
                {
                    _inMemory.Remove(node);
                    _keptBytes -= block.Bytes;
                }
            }
        }

        foreach (Block block in released.Where(block => block.Path is not null))
        {
            Delete(block.Path!);
        }
    }

    private IEnumerable<T> Collect<T>(Addition addition, IEnumerable<T> source, TaskContext context)
    {
        string path = Path.Combine(directory, $"cache-{addition.Cache}-{addition.Partition}-{context.Copy}");
        RecordCodec<T> codec = RecordCodec.For<T>();
        using var scratch = new RecordWriter();
        var records = new List<T>();
        long bytes = 0;
        long reserved = 0;
        PartitionedFileWriter? file = null;
        try
        {
            foreach (T record in context.Watch(source))
            {
                if (file is not null)
                {
                    file.Write(0, codec, record);
                    continue;
                }

                scratch.Clear();
                codec.Write(scratch, record);
                bytes += (BytesPerEncodedByte * scratch.Length) + RecordOverheadBytes;
                records.Add(record);
                if (bytes > reserved && !TryReserve(bytes, ref reserved))
                {
                    file = new PartitionedFileWriter(path, 1, context.OperatorMemoryBytes);
                    Write(file, codec, records);
                    records = [];
                    Unreserve(ref reserved);
                }
            }

            if (file is null)
            {
                return Keep(addition, records, bytes, path, context, ref reserved);
            }

            file.Complete();
        }
        finally
        {
            Unreserve(ref reserved);
            file?.Dispose();
        }

        return KeepFile<T>(addition, path, context);
    }

    private static void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It goes with the executor's directory at the latest, or has gone with it already.
            return;
        }
    }

    private static void Write<T>(PartitionedFileWriter file, RecordCodec<T> codec, List<T> records)
    {
        foreach (T record in records)
        {
            file.Write(0, codec, record);
        }
    }

    /// <summary>
    /// Takes memory for a partition in work; older ones go to disk for it. False when it is too large, beside what the
    /// others have in work.
    /// </summary>
    private bool TryReserve(long bytes, ref long reserved)
    {
        lock (_lock)
        {
            long wanted = Math.Min(bytes + _stepBytes, Math.Max(bytes, memoryBytes)) - reserved;
            if (_inWorkBytes + wanted > memoryBytes)
            {
                return false;
            }

            _inWorkBytes += wanted;
            reserved += wanted;
            EvictToDisk();
            return true;
        }
    }

    private void Unreserve(ref long reserved)
    {
        lock (_lock)
        {
            _inWorkBytes -= reserved;
            reserved = 0;
        }
    }

    private List<T> Keep<T>(
        Addition addition, List<T> records, long bytes, string path, TaskContext context, ref long reserved)
    {
        var block = new Block
        {
            Records = records,
            Bytes = bytes,
            WriteTo = target => RecordFile.Write(target, records),
            SpillPath = path,
        };
        lock (_lock)
        {
            if (TryAdd(addition, block, context))
            {
                block.Node = _inMemory.AddLast(block);
                _keptBytes += bytes;
                _inWorkBytes -= reserved;
                reserved = 0;
            }
        }

        return records;
    }

    private OpenedRecords<T> KeepFile<T>(Addition addition, string path, TaskContext context)
    {
        // Opened before anyone else can find it, and release it.
        var records = new OpenedRecords<T>(path);
        lock (_lock)
        {
            if (TryAdd(addition, new Block { Path = path }, context))
            {
                return records;
            }
        }

        // A twin of this task was first, and wrote the same records, or nobody wants them any more: this file serves
        // one reader and goes.
        Delete(path);
        return records;
    }

    /// <summary>
    /// Keeps a block, unless there is one or its cache was released meanwhile; the task reports what is there.
    /// </summary>
    private bool TryAdd(Addition addition, Block block, TaskContext context)
    {
        if (addition.IsReleased)
        {
            return false;
        }

        context.Cached.Add(new CachedBlock { Cache = addition.Cache, Partition = addition.Partition });
        return _blocks.TryAdd((addition.Cache, addition.Partition), block);
    }

    private void EvictToDisk()
    {
        while (_keptBytes + _inWorkBytes > memoryBytes && _inMemory.First is { } oldest)
        {
            Block block = oldest.Value;
            block.WriteTo!(block.SpillPath!);
            block.Path = block.SpillPath;
            block.Records = null;
            block.WriteTo = null;
            block.Node = null;
            _keptBytes -= block.Bytes;
            _inMemory.RemoveFirst();
        }
    }

    /// <summary>A partition that is being collected.</summary>
    private sealed class Addition(int cache, int partition)
    {
        public int Cache { get; } = cache;

        public int Partition { get; } = partition;

        public bool IsReleased { get; set; }
    }

    private sealed class Block
    {
        public object? Records { get; set; }

        public Action<string>? WriteTo { get; set; }

        public string? SpillPath { get; init; }

        public string? Path { get; set; }

        public long Bytes { get; init; }

        public LinkedListNode<Block>? Node { get; set; }
    }
}
