namespace Lepton.Core.Randomness;

/// <summary>
/// What the C library computes a little differently on each system, from operations that IEEE 754 fixes to the bit.
/// </summary>
public static class PortableMath
{
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>
    /// The natural logarithm of a positive, finite, normal number, to about one unit in the last place.
    /// </summary>
    public static double Log(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)(bits >> 52) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & 0xF_FFFF_FFFF_FFFF) | 0x3FF0_0000_0000_0000);
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        // log(m) = 2 atanh(s) with s = (m - 1) / (m + 1), at most 0.172, so eleven terms reach past the last bit.
        double s = (mantissa - 1) / (mantissa + 1);
        double square = s * s;
        double tail = 0;
        for (int power = 23; power >= 3; power -= 2)
        {
            tail = (tail + (1.0 / power)) * square;
        }

        return (exponent * Ln2High) + ((2 * s) + ((2 * s * tail) + (exponent * Ln2Low)));
    }
}
