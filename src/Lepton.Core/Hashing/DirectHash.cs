using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Core.Hashing;

/// <summary>
/// Hashes of the types that need no hasher object. The chains of type tests fold to one branch when the JIT knows the
/// type, and the list of these types stands nowhere else: whoever must know asks <see cref="TryOf"/> with the default
/// value.
/// </summary>
internal static class DirectHash
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryOf<T>(T value, out ulong hash)
    {
        if (typeof(T) == typeof(string))
        {
            string? text = Unsafe.As<T, string?>(ref value);
            hash = text is null ? StableHash.OfNull : StableHash.OfString(text);
            return true;
        }

        if (!typeof(T).IsValueType)
        {
            hash = 0;
            return false;
        }

        return TryOfInteger(value, out hash) || TryOfOther(value, out hash);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryOfInteger<T>(T value, out ulong hash)
    {
        // Signed values are widened with their sign, so that -1 hashes alike in every width.
        long? bits = null;
        if (typeof(T) == typeof(int))
        {
            bits = Unsafe.As<T, int>(ref value);
        }
        else if (typeof(T) == typeof(long) || typeof(T) == typeof(ulong) || typeof(T) == typeof(TimeSpan))
        {
            bits = Unsafe.As<T, long>(ref value);
        }
        else if (typeof(T) == typeof(uint))
        {
            bits = Unsafe.As<T, uint>(ref value);
        }
        else if (typeof(T) == typeof(short))
        {
            bits = Unsafe.As<T, short>(ref value);
        }
        else if (typeof(T) == typeof(ushort) || typeof(T) == typeof(char))
        {
            bits = Unsafe.As<T, ushort>(ref value);
        }
        else if (typeof(T) == typeof(sbyte))
        {
            bits = Unsafe.As<T, sbyte>(ref value);
        }
        else if (typeof(T) == typeof(byte))
        {
            bits = Unsafe.As<T, byte>(ref value);
        }
        else if (typeof(T) == typeof(bool))
        {
            bits = Unsafe.As<T, bool>(ref value) ? 1 : 0;
        }
        else if (typeof(T) == typeof(nint))
        {
            bits = Unsafe.As<T, nint>(ref value);
        }
        else if (typeof(T) == typeof(nuint))
        {
            bits = (long)(ulong)Unsafe.As<T, nuint>(ref value);
        }

        hash = bits is { } known ? StableHash.Mix((ulong)known) : 0;
        return bits is not null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryOfOther<T>(T value, out ulong hash)
    {
        ulong? found = null;
        if (typeof(T) == typeof(double))
        {
            found = OfDouble(Unsafe.As<T, double>(ref value));
        }
        else if (typeof(T) == typeof(float))
        {
            found = OfDouble(Unsafe.As<T, float>(ref value));
        }
        else if (typeof(T) == typeof(Half))
        {
            found = OfDouble((double)Unsafe.As<T, Half>(ref value));
        }
        else if (typeof(T) == typeof(Guid))
        {
            found = OfGuid(Unsafe.As<T, Guid>(ref value));
        }
        else if (typeof(T) == typeof(DateTime))
        {
            // Two DateTimes are equal when their ticks are, whatever their kinds.
            found = StableHash.Mix((ulong)Unsafe.As<T, DateTime>(ref value).Ticks);
        }
        else if (typeof(T) == typeof(DateTimeOffset))
        {
            found = StableHash.Mix((ulong)Unsafe.As<T, DateTimeOffset>(ref value).UtcTicks);
        }
        else if (typeof(T) == typeof(DateOnly))
        {
            found = StableHash.Mix((ulong)Unsafe.As<T, DateOnly>(ref value).DayNumber);
        }
        else if (typeof(T) == typeof(TimeOnly))
        {
            found = StableHash.Mix((ulong)Unsafe.As<T, TimeOnly>(ref value).Ticks);
        }
        else if (typeof(T) == typeof(decimal))
        {
            found = OfDecimal(Unsafe.As<T, decimal>(ref value));
        }
        else if (typeof(T) == typeof(Int128) || typeof(T) == typeof(UInt128))
        {
            UInt128 wide = Unsafe.As<T, UInt128>(ref value);
            found = StableHash.Combine((ulong)(wide >> 64), (ulong)wide);
        }

        hash = found.GetValueOrDefault();
        return found.HasValue;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong OfDouble(double value)
    {
        // Adding zero turns -0.0 into 0.0 and leaves every other number as it is.
        ulong bits = BitConverter.DoubleToUInt64Bits(value + 0.0);
        return StableHash.Mix(double.IsNaN(value) ? BitConverter.DoubleToUInt64Bits(double.NaN) : bits);
    }

    private static ulong OfGuid(Guid value) =>
        StableHash.OfBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<Guid>(in value)));

    private static ulong OfDecimal(decimal value)
    {
        // 1.0m equals 1.00m: trailing zeros of the digits go before hashing, and so does the sign of zero.
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        UInt128 digits = new((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        if (digits == UInt128.Zero)
        {
            return StableHash.Mix(0);
        }

        uint sign = (uint)parts[3] & 0x8000_0000;
        uint scale = ((uint)parts[3] >> 16) & 0xFF;
        while (scale > 0 && digits % 10 == UInt128.Zero)
        {
            digits /= 10;
            scale--;
        }

        return StableHash.Combine(StableHash.Combine((ulong)(digits >> 64), (ulong)digits), sign | scale);
    }
}
