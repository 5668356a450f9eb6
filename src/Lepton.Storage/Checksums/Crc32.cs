using System.Buffers.Binary;

namespace Lepton.Storage.Checksums;

/// <summary>
/// CRC-32 (ISO 3309, as in Ethernet, gzip and PNG), which S3's clients send by default. Eight bytes a step, by tables.
/// Thread safe.
/// </summary>
internal static class Crc32
{
    private const uint Polynomial = 0xEDB88320;
    private static readonly uint[] s_tables = Tables();

    /// <summary>The checksum of these bytes, or, given that of what came before, of both together.</summary>
    /// <param name="bytes">What to sum.</param>
    /// <param name="previous">The checksum of the bytes that come before these; 0 where none do.</param>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        uint[] tables = s_tables;
        uint sum = ~previous;
        while (bytes.Length >= 8)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(bytes) ^ sum;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            sum = tables[1792 + (low & 0xFF)] ^ tables[1536 + ((low >> 8) & 0xFF)]
                ^ tables[1280 + ((low >> 16) & 0xFF)] ^ tables[1024 + (low >> 24)]
                ^ tables[768 + (high & 0xFF)] ^ tables[512 + ((high >> 8) & 0xFF)]
                ^ tables[256 + ((high >> 16) & 0xFF)] ^ tables[high >> 24];
            bytes = bytes[8..];
        }

        foreach (byte value in bytes)
        {
            sum = tables[(sum ^ value) & 0xFF] ^ (sum >> 8);
        }

        return ~sum;
    }

    /// <summary>Row k holds what a byte does to the sum when k bytes follow it.</summary>
    private static uint[] Tables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint sum = i;
            for (int bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * Polynomial);
            }

            tables[i] = sum;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            uint before = tables[i - 256];
            tables[i] = tables[before & 0xFF] ^ (before >> 8);
        }

        return tables;
    }
}
