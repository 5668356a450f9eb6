using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Core.Hashing;

/// <summary>
/// CRC-32C (Castagnoli), the checksum of iSCSI, ext4 and Snappy: RFC 3720, appendix B.4. Uses the processor's
/// instruction where there is one. Thread safe.
/// </summary>
public static class Crc32C
{
    // One instruction takes three cycles but one can start every cycle, so three streams run at once; their results
    // are joined by shifting the earlier one over the bytes of the later ones, which is linear and so a table of four
    // lookups.
    private const int StreamBytes = 1024;
    private const uint Polynomial = 0x82F63B78;
    private static readonly uint[] s_shiftOverStream = ShiftTable();

    /// <summary>
    /// The checksum of <paramref name="bytes"/>, or, given that of what came before, of both together.
    /// </summary>
    /// <param name="bytes">What to sum.</param>
    /// <param name="previous">The checksum of the bytes that come before these; 0 where none do.</param>
    public static uint Compute(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        uint sum = ~previous;
        while (bytes.Length >= 3 * StreamBytes)
        {
            sum = ThreeStreams(ref MemoryMarshal.GetReference(bytes), sum);
            bytes = bytes[(3 * StreamBytes)..];
        }

        ref byte start = ref MemoryMarshal.GetReference(bytes);
        int done = 0;
        for (; done <= bytes.Length - 8; done += 8)
        {
            sum = BitOperations.Crc32C(sum, Read(ref start, done));
        }

        for (; done < bytes.Length; done++)
        {
            sum = BitOperations.Crc32C(sum, bytes[done]);
        }

        return ~sum;
    }

    /// <summary>The same by the definition, bit by bit: the twin that tests compare with.</summary>
    internal static uint ComputeScalar(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        uint sum = ~previous;
        foreach (byte value in bytes)
        {
            sum ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                sum = (sum >> 1) ^ ((sum & 1) * Polynomial);
            }
        }

        return ~sum;
    }

    private static uint ThreeStreams(ref byte start, uint sum)
    {
        uint second = 0;
        uint third = 0;
        for (int i = 0; i < StreamBytes; i += 8)
        {
            sum = BitOperations.Crc32C(sum, Read(ref start, i));
            second = BitOperations.Crc32C(second, Read(ref start, i + StreamBytes));
            third = BitOperations.Crc32C(third, Read(ref start, i + (2 * StreamBytes)));
        }

        return Shift(Shift(sum) ^ second) ^ third;
    }

    private static uint Shift(uint sum)
    {
        uint[] table = s_shiftOverStream;
        return table[sum & 0xFF]
            ^ table[256 + ((sum >> 8) & 0xFF)]
            ^ table[512 + ((sum >> 16) & 0xFF)]
            ^ table[768 + (sum >> 24)];
    }

    private static uint[] ShiftTable()
    {
        uint[] table = new uint[4 * 256];
        for (int bit = 0; bit < 32; bit++)
        {
            uint shifted = 1u << bit;
            for (int i = 0; i < StreamBytes; i += 8)
            {
                shifted = BitOperations.Crc32C(shifted, 0UL);
            }

            int row = 256 * (bit / 8);
            int mask = 1 << (bit % 8);
            for (int value = 0; value < 256; value++)
            {
                if ((value & mask) != 0)
                {
                    table[row + value] ^= shifted;
                }
            }
        }

        return table;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Read(ref byte start, int offset) =>
        Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, offset));
}
