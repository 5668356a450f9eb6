namespace Lepton.Storage.Checksums;

/// <summary>
/// The CRC of two runs of bytes together, from that of each: the first is shifted over the second, which is multiplying
/// by x^(8n) modulo the polynomial. Bits are reflected, as in both CRCs of S3's. O(log n). Thread safe.
/// </summary>
internal static class CrcJoin
{
    /// <summary>CRC-32's polynomial, reflected.</summary>
    public const uint Crc32Polynomial = 0xEDB88320;

    /// <summary>CRC-32C's polynomial, reflected.</summary>
    public const uint Crc32CPolynomial = 0x82F63B78;

    private const uint One = 1u << 31;
    private const uint X = 1u << 30;

    /// <summary>Joins two.</summary>
    /// <param name="polynomial">Of which CRC.</param>
    /// <param name="first">That of the first bytes.</param>
    /// <param name="second">That of the bytes behind them.</param>
    /// <param name="secondBytes">How many those are, 0 or more.</param>
    public static uint Join(uint polynomial, uint first, uint second, long secondBytes)
    {
        uint power = X;
        for (int i = 0; i < 3; i++)
        {
            power = Multiply(polynomial, power, power);
        }

        uint shift = One;
        for (long n = secondBytes; n > 0; n >>= 1)
        {
            if ((n & 1) != 0)
            {
                shift = Multiply(polynomial, power, shift);
            }

            power = Multiply(polynomial, power, power);
        }

        return Multiply(polynomial, shift, first) ^ second;
    }

    private static uint Multiply(uint polynomial, uint left, uint right)
    {
        uint product = 0;
        for (uint bit = One; bit != 0; bit >>= 1)
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
