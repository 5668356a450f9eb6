using System.Buffers;
using System.Buffers.Binary;
using Lepton.Core.Hashing;
using Lepton.Core.Records;
using Microsoft.Win32.SafeHandles;

namespace Lepton.Compute.Shuffle;

/// <summary>Reads the blocks of one partition of a file that a <see cref="PartitionedFileWriter"/> wrote.</summary>
internal sealed class PartitionedFileReader : IDisposable
{
    private readonly SafeFileHandle _file;
    private readonly string _path;
    private readonly (long Offset, int Length)[] _blocks;

    /// <exception cref="IOException">The file is not there or can't be read.</exception>
    /// <exception cref="CorruptRecordException">The file is damaged or incomplete.</exception>
    public PartitionedFileReader(string path, int partition)
    {
        _path = path;
        _file = File.OpenHandle(path, share: FileShare.Read | FileShare.Delete, options: FileOptions.None);
        try
        {
            _blocks = ReadIndex(partition);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Bytes of all blocks of the partition, headers included.</summary>
    public long TotalBytes => _blocks.Sum(block => (long)block.Length);

    /// <summary>
    /// The records of each block, checked. A block's memory is rented and valid until the next one is taken.
    /// </summary>
    public IEnumerable<ReadOnlyMemory<byte>> Blocks()
    {
        byte[] buffer = [];
        try
        {
            foreach ((long offset, int length) in _blocks)
            {
                if (buffer.Length < length)
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = ArrayPool<byte>.Shared.Rent(length);
                }

                ReadExactly(buffer.AsSpan(0, length), offset);
                yield return CheckBlock(buffer.AsMemory(0, length), _path, offset);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Copies the partition's blocks as they are, headers included, for a reader on another machine.</summary>
    public async Task CopyToAsync(Stream destination, CancellationToken cancellation)
    {
        foreach ((long offset, int length) in _blocks)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(length);
            try
            {
                ReadExactly(buffer.AsSpan(0, length), offset);
                await destination.WriteAsync(buffer.AsMemory(0, length), cancellation).ConfigureAwait(false);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>Checks a block's header and checksum and gives the records.</summary>
    public static ReadOnlyMemory<byte> CheckBlock(ReadOnlyMemory<byte> block, string origin, long offset)
    {
        ReadOnlyMemory<byte> payload = block[PartitionedFileWriter.HeaderBytes..];
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(block.Span);
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(block.Span[4..]);
        if (length != (uint)payload.Length || Crc32C.Compute(payload.Span) != checksum)
        {
            throw new CorruptRecordException($"{origin}: the block at byte {offset:N0} is damaged (its checksum " +
                $"does not match).");
        }

        return payload;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private (long Offset, int Length)[] ReadIndex(int partition)
    {
        long fileBytes = RandomAccess.GetLength(_file);
        Span<byte> footer = stackalloc byte[PartitionedFileWriter.FooterBytes];
        if (fileBytes < footer.Length)
        {
            throw Incomplete();
        }

        ReadExactly(footer, fileBytes - footer.Length);
        uint indexBytes = BinaryPrimitives.ReadUInt32LittleEndian(footer);
        if (BinaryPrimitives.ReadUInt32LittleEndian(footer[8..]) != PartitionedFileWriter.Magic ||
            indexBytes > fileBytes - footer.Length)
        {
            throw Incomplete();
        }

        byte[] index = new byte[indexBytes];
        ReadExactly(index, fileBytes - footer.Length - indexBytes);
        if (Crc32C.Compute(index) != BinaryPrimitives.ReadUInt32LittleEndian(footer[4..]))
        {
            throw Incomplete();
        }

        var reader = new RecordReader(index);
        for (int skipped = 0; skipped < partition; skipped++)
        {
            for (ulong block = reader.ReadVarUInt64(); block > 0; block--)
            {
                reader.ReadVarUInt64();
                reader.ReadVarUInt64();
            }
        }

        var blocks = new (long, int)[reader.ReadLength(2)];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = ((long)reader.ReadVarUInt64(), (int)reader.ReadVarUInt64());
        }

        return blocks;
    }

    private CorruptRecordException Incomplete() => new($"{_path} is not a complete shuffle file.");

    private void ReadExactly(Span<byte> target, long offset)
    {
        while (!target.IsEmpty)
        {
            int read = RandomAccess.Read(_file, target, offset);
            if (read == 0)
            {
                throw Incomplete();
            }

            target = target[read..];
            offset += read;
        }
    }
}
