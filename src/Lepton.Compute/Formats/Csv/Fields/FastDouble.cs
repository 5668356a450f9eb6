using System.Globalization;

namespace Lepton.Compute.Formats;

/// <summary>
/// Doubles from UTF-8, correctly rounded. Up to 2^53 in the digits and 10^22 in the power both are exact as doubles, so
/// one multiplication or division rounds once (Clinger, "How to read floating point numbers accurately", 1990). The
/// rest goes to the framework.
/// </summary>
internal static class FastDouble
{
    private const ulong ExactMax = 1UL << 53;
    private const int DigitsMax = 19;

    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    public static bool TryParse(ReadOnlySpan<byte> utf8, out double value)
    {
        int at = 0;
        bool isNegative = utf8.Length > 0 && utf8[0] == '-';
        at += isNegative ? 1 : 0;
        ulong digits = 0;
        int start = at;
        while ((uint)at < (uint)utf8.Length && (uint)(utf8[at] - '0') <= 9)
        {
            digits = (digits * 10) + (uint)(utf8[at++] - '0');
        }

        int count = at - start;
        int power = 0;
        if ((uint)at < (uint)utf8.Length && utf8[at] == '.')
        {
            int point = ++at;
            while ((uint)at < (uint)utf8.Length && (uint)(utf8[at] - '0') <= 9)
            {
                digits = (digits * 10) + (uint)(utf8[at++] - '0');
            }

            power = point - at;
            count -= power;
        }

        bool isExact = at == utf8.Length && count is > 0 and <= DigitsMax && digits <= ExactMax && power >= -22;
        if (!isExact)
        {
            return TryParseAny(utf8, out value);
        }

        value = digits / PowersOfTen[-power];
        value = isNegative ? -value : value;
        return true;
    }

    private static bool TryParseAny(ReadOnlySpan<byte> utf8, out double value)
    {
        if (double.TryParse(utf8, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        ReadOnlySpan<byte> name = utf8.Length > 0 && utf8[0] is (byte)'-' or (byte)'+' ? utf8[1..] : utf8;
        if (name.Length == 3 && (name[0] | 0x20) == 'i' && (name[1] | 0x20) == 'n' && (name[2] | 0x20) == 'f')
        {
            value = utf8[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }

        return false;
    }
}
