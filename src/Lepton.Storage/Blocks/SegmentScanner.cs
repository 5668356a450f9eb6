using System.Buffers;
using System.Buffers.Binary;
using Lepton.Core.Hashing;

namespace Lepton.Storage.Blocks;

/// <summary>Finds the blocks of a segment by reading it from its beginning.</summary>
/// <remarks>
/// Of closed segments, only headers are read: a block is verified when it is read. The last segment may end in what a
/// crash left half-written, so its blocks are verified here: what has no good header, or is cut short, is no block.
/// Bytes that are damaged in the middle are passed over up to the next record; as a block's own bytes may look like a
/// record, what is found behind damage counts only where its SHA-256 is right.
/// </remarks>
/// <param name="segment">The segment.</param>
/// <param name="isLast">Whether it is the last one.</param>
/// <param name="isWhole">Whether its own header is good; where it is not, all blocks count as found behind
/// damage.</param>
internal sealed class SegmentScanner(SegmentFile segment, bool isLast, bool isWhole)
{
    private const int WindowBytes = 1024 * 1024;
    private readonly byte[] _header = new byte[SegmentFormat.RecordHeaderSize];
    private readonly long _end = segment.Length;
    private bool _hasResynced = !isWhole;

    /// <summary>The blocks that were found, in their order.</summary>
    public List<(BlockRecord Record, long Offset)> Blocks { get; } = [];

    /// <summary>What is damaged, in its order.</summary>
    public List<BlockDamage> Damages { get; } = [];

    /// <summary>Where the good bytes end.</summary>
    public long GoodEnd { get; private set; } = SegmentFormat.FileHeaderSize;

    /// <summary>Reads the segment. O(records) reads, or all bytes for the last one.</summary>
    /// <exception cref="IOException">It can't be read.</exception>
    public void Scan()
    {
        long at = SegmentFormat.FileHeaderSize;
        while (at < _end)
        {
            if (ReadHeader(at, out BlockRecord record) && Fits(at, record))
            {
                long next = at + SegmentFormat.RecordHeaderSize + record.Length;
                if (!(isLast || _hasResynced) || IsGood(at, record, checksId: _hasResynced))
                {
                    Blocks.Add((record, at));
                    GoodEnd = next;
                }
                else
                {
                    // At the very end, a crash may have left it so; or it was acknowledged, and has rotted.
                    Damages.Add(new BlockDamage(
                        segment.Path, at, next - at, record.Id, MayBeTorn: isLast && next == _end));
                }

                at = next;
                continue;
            }

            long found = FindHeader(at + 1);
            if (found < 0)
            {
                if (!isLast)
                {
                    Damages.Add(new BlockDamage(segment.Path, at, _end - at, null));
                }

                return;
            }

            Damages.Add(new BlockDamage(segment.Path, at, found - at, null));
            _hasResynced = true;
            at = found;
        }
    }

    private bool ReadHeader(long at, out BlockRecord record)
    {
        record = default;
        return segment.Read(_header, at) == _header.Length && SegmentFormat.TryReadRecordHeader(_header, out record);
    }

    private bool Fits(long at, BlockRecord record) =>
        at + SegmentFormat.RecordHeaderSize + record.Length <= _end;

    private bool IsGood(long at, BlockRecord record, bool checksId)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(record.Length);
        try
        {
            Span<byte> content = buffer.AsSpan(0, record.Length);
            return segment.Read(content, at + SegmentFormat.RecordHeaderSize) == record.Length
                && Crc32C.Compute(content) == record.Crc
                && (!checksId || HasId(content, record));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static bool HasId(ReadOnlySpan<byte> stored, BlockRecord record)
    {
        if (!record.IsCompressed)
        {
            return BlockId.Of(stored) == record.Id;
        }

        using BlockBuffer content = new(record.PlainLength);
        return BlockCompressor.TryDecompress(stored, content.Memory.Span)
            && BlockId.Of(content.Content.Span) == record.Id;
    }

    /// <summary>Finds the next record that is whole and has the content that its name says.</summary>
    /// <returns>Where it begins; -1 where there is none.</returns>
    private long FindHeader(long from)
    {
        byte[] window = ArrayPool<byte>.Shared.Rent(WindowBytes);
        try
        {
            while (from + SegmentFormat.RecordHeaderSize <= _end)
            {
                int read = segment.Read(window.AsSpan(0, WindowBytes), from);
                for (int i = 0; i + SegmentFormat.RecordHeaderSize <= read; i++)
                {
                    if (BinaryPrimitives.ReadUInt32LittleEndian(window.AsSpan(i)) == SegmentFormat.RecordMagic
                        && SegmentFormat.TryReadRecordHeader(window.AsSpan(i), out BlockRecord record)
                        && Fits(from + i, record) && IsGood(from + i, record, checksId: true))
                    {
                        return from + i;
                    }
                }

                from += Math.Max(read - SegmentFormat.RecordHeaderSize + 1, 1);
            }

            return -1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(window);
        }
    }
}
