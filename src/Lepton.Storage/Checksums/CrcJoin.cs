using System.Buffers.Binary;

namespace Lepton.Storage.Checksums;

/// <summary>
/// The CRC of two runs of bytes together, from that of each: the first is shifted over the second, which is multiplying
/// by x^(8n) modulo the polynomial. Bits are reflected, as in all CRCs of S3's. O(log n). Thread safe.
/// </summary>
internal static class CrcJoin
{
    /// <summary>CRC-32's polynomial, reflected.</summary>
    public const ulong Crc32Polynomial = 0xEDB88320;

    /// <summary>CRC-32C's polynomial, reflected.</summary>
    public const ulong Crc32CPolynomial = 0x82F63B78;

    /// <summary>CRC-64/NVME's polynomial, reflected.</summary>
    public const ulong Crc64NvmePolynomial = 0x9A6C9329AC4BC9B5;

    /// <summary>Joins two, big-endian, as S3 has them.</summary>
    /// <param name="kind">Of which CRC.</param>
    /// <param name="first">That of the first bytes.</param>
    /// <param name="second">That of the bytes behind them.</param>
    /// <param name="secondBytes">How many those are, 0 or more.</param>
    public static byte[] Join(ChecksumKind kind, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long secondBytes)
    {
        byte[] joined = new byte[first.Length];
        switch (kind)
        {
            case ChecksumKind.Crc32 or ChecksumKind.Crc32C:
                BinaryPrimitives.WriteUInt32BigEndian(joined, (uint)Join(
                    kind == ChecksumKind.Crc32 ? Crc32Polynomial : Crc32CPolynomial, 32,
                    BinaryPrimitives.ReadUInt32BigEndian(first), BinaryPrimitives.ReadUInt32BigEndian(second),
                    secondBytes));
                return joined;
            case ChecksumKind.Crc64Nvme:
                BinaryPrimitives.WriteUInt64BigEndian(joined, Join(
                    Crc64NvmePolynomial, 64, BinaryPrimitives.ReadUInt64BigEndian(first),
                    BinaryPrimitives.ReadUInt64BigEndian(second), secondBytes));
                return joined;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only CRCs can be joined.");
        }
    }

    private static ulong Join(ulong polynomial, int bits, ulong first, ulong second, long secondBytes)
    {
        ulong one = 1UL << (bits - 1);
        ulong power = one >> 1;
        for (int i = 0; i < 3; i++)
        {
            power = Multiply(polynomial, one, power, power);
        }

        ulong shift = one;
        for (long n = secondBytes; n > 0; n >>= 1)
        {
            if ((n & 1) != 0)
            {
                shift = Multiply(polynomial, one, power, shift);
            }

            power = Multiply(polynomial, one, power, power);
        }

        return Multiply(polynomial, one, shift, first) ^ second;
    }

    private static ulong Multiply(ulong polynomial, ulong one, ulong left, ulong right)
    {
        ulong product = 0;
        for (ulong bit = one; bit != 0; bit >>= 1)
        {
            if ((left & bit) != 0)
            {
                product ^= right;
            }

            right = (right >> 1) ^ ((right & 1) * polynomial);
        }

        return product;
    }
}
