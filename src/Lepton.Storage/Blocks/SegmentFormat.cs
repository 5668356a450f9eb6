using System.Buffers.Binary;
using Lepton.Core.Hashing;

namespace Lepton.Storage.Blocks;

/// <summary>
/// The bytes of a segment: a file header, then records, each a header and a block. All numbers are little-endian; all
/// checksums are CRC-32C (RFC 3720, appendix B.4).
/// </summary>
/// <remarks>
/// File header, 16 bytes: <c>LEPTSEG1</c>, the version (4), the checksum of the 12 bytes before it (4). Record header,
/// 64 bytes: <c>LBLK</c>, the length of what is stored (4), when it was written in milliseconds since 1970 (8), the
/// block's SHA-256 (32), the checksum of what is stored (4), the block's length where it is compressed as an LZ4 block,
/// else 0 (4), zeros (4), the checksum of the 60 bytes before it (4). Version 1 had nothing compressed.
/// </remarks>
internal static class SegmentFormat
{
    public const int FileHeaderSize = 16;
    public const int RecordHeaderSize = 64;
    public const uint RecordMagic = 0x4B4C424C;
    private const ulong FileMagic = 0x314745535450454C;

    /// <summary>The version of new segments.</summary>
    public const uint Version = 2;

    private const uint VersionMin = 1;

    public static byte[] NewFileHeader()
    {
        byte[] header = new byte[FileHeaderSize];
        BinaryPrimitives.WriteUInt64LittleEndian(header, FileMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Crc32C.Compute(header.AsSpan(0, 12)));
        return header;
    }

    /// <summary>Whether a file begins as a segment does, undamaged.</summary>
    public static bool IsFileHeader(ReadOnlySpan<byte> header) =>
        header.Length >= FileHeaderSize && BinaryPrimitives.ReadUInt64LittleEndian(header) == FileMagic
        && BinaryPrimitives.ReadUInt32LittleEndian(header[12..]) == Crc32C.Compute(header[..12]);

    /// <summary>Why a segment is for another version of this program; null where it is not.</summary>
    public static string? VersionFault(ReadOnlySpan<byte> header) =>
        IsFileHeader(header) && VersionOf(header) is var version && (version < VersionMin || version > Version)
            ? $"its format is {version}, and this program reads {VersionMin} to {Version}"
            : null;

    /// <summary>The version that a good file header says.</summary>
    public static uint VersionOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);

    public static void WriteRecordHeader(Span<byte> header, BlockRecord record)
    {
        header[..RecordHeaderSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header, RecordMagic);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], record.Length);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], record.WrittenAtMs);
        record.Id.Write(header[16..]);
        BinaryPrimitives.WriteUInt32LittleEndian(header[48..], record.Crc);
        BinaryPrimitives.WriteInt32LittleEndian(header[52..], record.IsCompressed ? record.PlainLength : 0);
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

        int length = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        int plainLength = BinaryPrimitives.ReadInt32LittleEndian(header[52..]);
        record = new BlockRecord(
            BlockId.Read(header[16..]), length, plainLength == 0 ? length : plainLength,
            BinaryPrimitives.ReadInt64LittleEndian(header[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(header[48..]));
        return length > 0 && record.PlainLength >= length;
    }
}

/// <summary>What a record's header says.</summary>
/// <param name="Id">The block.</param>
/// <param name="Length">How many bytes are stored.</param>
/// <param name="PlainLength">How many bytes the block has.</param>
/// <param name="WrittenAtMs">When it was first written, in milliseconds since 1970.</param>
/// <param name="Crc">The checksum of what is stored.</param>
internal readonly record struct BlockRecord(BlockId Id, int Length, int PlainLength, long WrittenAtMs, uint Crc)
{
    /// <summary>Whether what is stored is compressed: it is shorter than the block then, and only then.</summary>
    public bool IsCompressed => Length != PlainLength;
}
