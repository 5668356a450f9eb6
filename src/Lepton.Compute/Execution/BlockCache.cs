using System.Diagnostics.CodeAnalysis;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Execution;

/// <summary>
/// The cached partitions of one executor. They stay in memory, least recently used first out, up to a share of the
/// executor's budget; what does not fit lies coded on disk. Thread safe.
/// </summary>
internal sealed class BlockCache(string directory, long memoryBytes)
{
    private const int BytesPerEncodedByte = 2;
    private const int RecordOverheadBytes = 32;
    private readonly Lock _lock = new();
    private readonly Dictionary<(int Cache, int Partition), Block> _blocks = [];
    private readonly LinkedList<Block> _inMemory = [];
    private long _heldBytes;

    /// <summary>Finds a partition.</summary>
    public bool TryGet<T>(int cache, int partition, [NotNullWhen(true)] out IEnumerable<T>? records)
    {
        lock (_lock)
        {
            if (!_blocks.TryGetValue((cache, partition), out Block? block))
            {
                records = null;
                return false;
            }

            if (block.Records is List<T> kept)
            {
                _inMemory.Remove(block.Node!);
                _inMemory.AddLast(block.Node!);
                records = kept;
                return true;
            }

            records = RecordFile.Read<T>(block.Path!);
            return true;
        }
    }

    /// <summary>
    /// Computes a partition to its end and keeps it. Memory is bounded: past the share, the records go straight to
    /// the file.
    /// </summary>
    public IEnumerable<T> Add<T>(int cache, int partition, IEnumerable<T> source, TaskContext context)
    {
        string path = Path.Combine(directory, $"cache-{cache}-{partition}-{context.Copy}");
        RecordCodec<T> codec = RecordCodec.For<T>();
        using var scratch = new RecordWriter();
        var records = new List<T>();
        long bytes = 0;
        PartitionedFileWriter? file = null;
        try
        {
            foreach (T record in context.Watch(source))
            {
                if (file is null)
                {
                    scratch.Clear();
                    codec.Write(scratch, record);
                    bytes += (BytesPerEncodedByte * scratch.Length) + RecordOverheadBytes;
                    records.Add(record);
                    if (bytes > memoryBytes)
                    {
                        file = new PartitionedFileWriter(path, 1, context.OperatorMemoryBytes);
                        Write(file, codec, records);
                        records.Clear();
                    }
                }
                else
                {
                    file.Write(0, codec, record);
                }
            }

            file?.Complete();
        }
        finally
        {
            file?.Dispose();
        }

        return file is null ? Keep(cache, partition, records, bytes, path) : KeepFile<T>(cache, partition, path);
    }

    /// <summary>Forgets a cache and deletes its files.</summary>
    public void Release(int cache)
    {
        List<Block> released = [];
        lock (_lock)
        {
            foreach ((int Cache, int Partition) id in _blocks.Keys.Where(id => id.Cache == cache).ToList())
            {
                _blocks.Remove(id, out Block? block);
                released.Add(block!);
                if (block!.Node is { } node)
                {
                    _inMemory.Remove(node);
                    _heldBytes -= block.Bytes;
                }
            }
        }

        foreach (Block block in released.Where(block => block.Path is not null))
        {
            File.Delete(block.Path!);
        }
    }

    private static void Write<T>(PartitionedFileWriter file, RecordCodec<T> codec, List<T> records)
    {
        foreach (T record in records)
        {
            file.Write(0, codec, record);
        }
    }

    private List<T> Keep<T>(int cache, int partition, List<T> records, long bytes, string path)
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
            if (_blocks.TryAdd((cache, partition), block))
            {
                block.Node = _inMemory.AddLast(block);
                _heldBytes += bytes;
                EvictToDisk();
            }
        }

        return records;
    }

    private IEnumerable<T> KeepFile<T>(int cache, int partition, string path)
    {
        lock (_lock)
        {
            if (_blocks.TryAdd((cache, partition), new Block { Path = path }))
            {
                return RecordFile.Read<T>(path);
            }
        }

        // A twin of this task was first. Both wrote the same records.
        if (TryGet(cache, partition, out IEnumerable<T>? kept))
        {
            File.Delete(path);
            return kept;
        }

        return RecordFile.Read<T>(path);
    }

    private void EvictToDisk()
    {
        while (_heldBytes > memoryBytes && _inMemory.First is { } oldest && _inMemory.Count > 1)
        {
            Block block = oldest.Value;
            block.WriteTo!(block.SpillPath!);
            block.Path = block.SpillPath;
            block.Records = null;
            block.WriteTo = null;
            block.Node = null;
            _heldBytes -= block.Bytes;
            _inMemory.RemoveFirst();
        }
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
