using Lepton.Core;
using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// Writes records to the partitions of one file. Each partition collects a block in memory; a full block is appended to
/// the file, and an index at the end says which blocks belong to which partition. Memory is bounded by the number of
/// partitions times the block size.
/// </summary>
/// <remarks>
/// Layout: blocks (length u32, CRC32C u32, records), then the index (for each partition the number of its blocks and
/// their offset and length), then the index's length u32, its CRC32C u32 and the magic number u32. Not thread safe.
/// </remarks>
internal sealed class PartitionedFileWriter : IDisposable
{
    public const uint Magic = 0x3153_504c; // "LPS1"
    public const int HeaderBytes = 8;
    public const int FooterBytes = 12;
    private const int BlockBytesMin = 4 << 10;
    private const int BlockBytesMax = 128 << 10;
    private readonly FileStream _file;
    private readonly RecordWriter?[] _buffers;
    private readonly List<(long Offset, int Length)>?[] _blocks;
    private readonly int _blockBytes;
    private readonly CancellationToken _cancellation;
    private bool _completed;

    public PartitionedFileWriter(
        string path, int partitionCount, long memoryBytes, CancellationToken cancellation = default)
    {
        _cancellation = cancellation;
        Path = path;
        _buffers = new RecordWriter?[partitionCount];
        _blocks = new List<(long, int)>?[partitionCount];
        _blockBytes = (int)Math.Clamp(memoryBytes / 2 / partitionCount, BlockBytesMin, BlockBytesMax);
        _file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, 1 << 16);
    }

    public string Path { get; }

    public long BytesWritten { get; private set; }

    public long Records { get; private set; }

    /// <summary>Writes one record to a partition.</summary>
    public void Write<T>(int partition, RecordCodec<T> codec, T record)
    {
        RecordWriter buffer = _buffers[partition] ??= NewBuffer();
        codec.Write(buffer, record);
        EndRecord(partition, buffer);
    }

    /// <summary>Writes the records of a block that was read from another file.</summary>
    public void WriteBlock(int partition, ReadOnlySpan<byte> records)
    {
        RecordWriter buffer = _buffers[partition] ??= NewBuffer();
        buffer.WriteRaw(records);
        EndRecord(partition, buffer);
    }

    /// <summary>Writes what is left, and the index. The file is whole only after this.</summary>
    /// <param name="durable">Whether to wait until it is on the disk, and would outlive a power cut.</param>
    public void Complete(bool durable = false)
    {
        Invariant.Check(!_completed);
        for (int p = 0; p < _buffers.Length; p++)
        {
            if (_buffers[p] is { } buffer && buffer.Length > HeaderBytes)
            {
                Flush(p, buffer);
            }
        }

        using var index = new RecordWriter();
        foreach (List<(long Offset, int Length)>? blocks in _blocks)
        {
            index.WriteVarUInt64((ulong)(blocks?.Count ?? 0));
            foreach ((long offset, int length) in blocks ?? [])
            {
                index.WriteVarUInt64((ulong)offset);
                index.WriteVarUInt64((ulong)length);
            }
        }

        int indexBytes = index.Length;
        uint checksum = Crc32C.Compute(index.WrittenSpan);
        index.WriteFixed32((uint)indexBytes);
        index.WriteFixed32(checksum);
        index.WriteFixed32(Magic);
        _file.Write(index.WrittenSpan);
        _file.Flush(flushToDisk: durable);
        BytesWritten += index.Length;
        _completed = true;
    }

    /// <summary>Closes the file; deletes it when it was not completed.</summary>
    public void Dispose()
    {
        try
        {
            // Writes what it still holds, and so fails once more on a disk that is full.
            _file.Dispose();
        }
        finally
        {
            foreach (RecordWriter? buffer in _buffers)
            {
                buffer?.Dispose();
            }

            if (!_completed)
            {
                File.Delete(Path);
            }
        }
    }

    private void EndRecord(int partition, RecordWriter buffer)
    {
        Records++;
        if (buffer.Length >= _blockBytes)
        {
            Flush(partition, buffer);
        }
    }

    private static RecordWriter NewBuffer()
    {
        var buffer = new RecordWriter(BlockBytesMin);
        buffer.WriteFixed64(0);
        return buffer;
    }

    private void Flush(int partition, RecordWriter buffer)
    {
        // A long task writes blocks all the time, so this is where it learns soon that it is no longer wanted.
        _cancellation.ThrowIfCancellationRequested();
        ReadOnlySpan<byte> payload = buffer.WrittenSpan[HeaderBytes..];
        buffer.PatchFixed32(0, (uint)payload.Length);
        buffer.PatchFixed32(4, Crc32C.Compute(payload));
        (_blocks[partition] ??= []).Add((BytesWritten, buffer.Length));
        _file.Write(buffer.WrittenSpan);
        BytesWritten += buffer.Length;
        buffer.Truncate(HeaderBytes);
    }
}
