using System.Buffers.Binary;
using Lepton.Core.Hashing;

namespace Lepton.Raft.Log;

/// <summary>
/// One sector of a segment, as it says itself: where it belongs and which batch wrote it. A sector is what a disk
/// writes wholly or not at all; because each one vouches for itself, a sector that was never written, one of an earlier
/// batch, one that landed in the wrong place and one that has rotted can be told apart.
/// </summary>
/// <param name="Checksum">CRC-32C of all but itself.</param>
/// <param name="Segment">The lower half of the segment's sequence number.</param>
/// <param name="Number">The sector's place in its segment.</param>
/// <param name="Batch">The batch's number within the segment.</param>
/// <param name="IsFirst">Whether the batch begins here.</param>
internal readonly record struct SectorFrame(uint Checksum, uint Segment, int Number, uint Batch, bool IsFirst)
{
    public const int SectorBytes = 512;
    public const int HeaderBytes = 16;
    public const int PayloadBytes = SectorBytes - HeaderBytes;
    private const uint FirstFlag = 0x8000_0000;

    /// <summary>Writes the head of a sector whose payload is in place.</summary>
    /// <returns>The sector's checksum.</returns>
    public static uint Seal(Span<byte> sector, uint segment, int number, uint batch, bool isFirst)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(sector[4..], segment);
        BinaryPrimitives.WriteUInt32LittleEndian(sector[8..], (uint)number | (isFirst ? FirstFlag : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(sector[12..], batch);
        uint checksum = Crc32C.Compute(sector[4..SectorBytes]);
        BinaryPrimitives.WriteUInt32LittleEndian(sector, checksum);
        return checksum;
    }

    /// <summary>Reads the head of a sector; false where its checksum is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> sector, out SectorFrame frame)
    {
        uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(sector);
        uint number = BinaryPrimitives.ReadUInt32LittleEndian(sector[8..]);
        frame = new SectorFrame(
            checksum,
            BinaryPrimitives.ReadUInt32LittleEndian(sector[4..]),
            (int)(number & ~FirstFlag),
            BinaryPrimitives.ReadUInt32LittleEndian(sector[12..]),
            (number & FirstFlag) != 0);
        return Crc32C.Compute(sector[4..SectorBytes]) == checksum;
    }

    /// <summary>Sectors that a batch with so many bytes behind its header takes.</summary>
    public static int SectorsFor(long bodyBytes) =>
        (int)((bodyBytes + BatchHeader.Bytes + PayloadBytes - 1) / PayloadBytes);
}
