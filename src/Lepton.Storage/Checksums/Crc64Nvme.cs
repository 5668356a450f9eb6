using System.Buffers.Binary;

namespace Lepton.Storage.Checksums;

/// <summary>
/// CRC-64/NVME (NVM Express NVM Command Set, "64b CRC"), which AWS's newer clients send by default. Eight bytes a step,
/// by tables. Thread safe.
/// </summary>
internal static class Crc64Nvme
{
    private static readonly ulong[] s_tables = Tables();

    /// <summary>The checksum of these bytes, or, given that of what came before, of both together.</summary>
    /// <param name="bytes">What to sum.</param>
    /// <param name="previous">The checksum of the bytes that come before these; 0 where none do.</param>
    public static ulong Compute(ReadOnlySpan<byte> bytes, ulong previous = 0)
    {
        ulong[] tables = s_tables;
        ulong sum = ~previous;
        while (bytes.Length >= 8)
        {
            sum ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            sum = tables[1792 + (int)(sum & 0xFF)] ^ tables[1536 + (int)((sum >> 8) & 0xFF)]
                ^ tables[1280 + (int)((sum >> 16) & 0xFF)] ^ tables[1024 + (int)((sum >> 24) & 0xFF)]
                ^ tables[768 + (int)((sum >> 32) & 0xFF)] ^ tables[512 + (int)((sum >> 40) & 0xFF)]
                ^ tables[256 + (int)((sum >> 48) & 0xFF)] ^ tables[(int)(sum >> 56)];
            bytes = bytes[8..];
        }

        foreach (byte value in bytes)
        {
            sum = tables[(int)((sum ^ value) & 0xFF)] ^ (sum >> 8);
        }

        return ~sum;
    }

    /// <summary>Row k holds what a byte does to the sum when k bytes follow it.</summary>
    private static ulong[] Tables()
    {
        ulong[] tables = new ulong[8 * 256];
        for (int i = 0; i < 256; i++)
        {
            ulong sum = (ulong)i;
            for (int bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * CrcJoin.Crc64NvmePolynomial);
            }

            tables[i] = sum;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            ulong before = tables[i - 256];
            tables[i] = tables[(int)(before & 0xFF)] ^ (before >> 8);
        }

        return tables;
    }
}
