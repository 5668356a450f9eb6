using System.Buffers.Binary;
using Lepton.Core.Hashing;

namespace Lepton.Storage.Blocks;

/// <summary>
/// The bytes of a segment: a file header, then records, each a header and a block. All numbers are little-endian; all
/// checksums are CRC-32C (RFC 3720, appendix B.4).
/// </summary>
/// <remarks>
/// File header, 16 bytes: <c>LEPTSEG1</c>, the version (4), the checksum of the 12 bytes before it (4). Record header,
/// 64 bytes: <c>LBLK</c>, the block's length (4), when it was written in milliseconds since 1970 (8), its SHA-256 (32),
/// the block's checksum (4), zeros (8), the checksum of the 60 bytes before it (4).
/// </remarks>
internal static class SegmentFormat
{
    public const int FileHeaderSize = 16;
    public const int RecordHeaderSize = 64;
    public const uint RecordMagic = 0x4B4C424C;
    private const ulong FileMagic = 0x314745535450454C;
    private const uint Version = 1;

    public static byte[] NewFileHeader()
    {
        byte[] header = new byte[FileHeaderSize];
        BinaryPrimitives.WriteUInt64LittleEndian(header, FileMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Crc32C.Compute(header.AsSpan(0, 12)));
        return header;
    }

    /// <summary>Whether a file header is as it was written.</summary>
    public static bool IsFileHeader(ReadOnlySpan<byte> header) =>
        header.Length >= FileHeaderSize && BinaryPrimitives.ReadUInt64LittleEndian(header) == FileMagic
        && BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) == Crc32C.Compute(header[..12]);

    /// <summary>Why a segment with a good file header can't be read; null where it can.</summary>
    public static string? FileFault(ReadOnlySpan<byte> header)
    {
        uint version = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        return version == Version ? null : $"its format is {version}, and this program reads {Version}";
    }

    public static void WriteRecordHeader(Span<byte> header, BlockRecord record)
    {
        header[..RecordHeaderSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, RecordMagic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], record.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], record.WrittenAtMs);
        record.Id.Write(header[16..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[48..], record.Crc);
        BinaryPrimitives.WriteUInt32LittleEndian(header[60..], Crc32C.Compute(header[..60]));
    }

    /// <summary>Reads a record's header.</summary>
    /// <returns>False where it is none, or damaged.</returns>
    public static bool TryReadRecordHeader(ReadOnlySpan<byte> header, out BlockRecord record)
    {
        record = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != RecordMagic
            || BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) != Crc32C.Compute(header[..60]))
        {
            return false;
        }

        record = new BlockRecord(
            BlockId.Read(header[16..]), BinaryPrimitives.ReadInt32LittleEndian(header[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(header[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[48..]));
        return record.Length > 0;
    }
}

/// <summary>What a record's header says.</summary>
internal readonly record struct BlockRecord(BlockId Id, int Length, long WrittenAtMs, uint Crc);
