using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Lepton.Core.Records;

/// <summary>
/// LEB128 numbers without a loop: the seven-bit groups are spread over, or gathered from, one 64-bit word, so that numbers of
/// mixed lengths cost no mispredicted branch per byte.
/// </summary>
internal static class VarInt
{
    public const int BytesMax = 10;

    private const ulong Continue = 0x8080_8080_8080_8080;
    private const ulong Payload = 0x7f7f_7f7f_7f7f_7f7f;

    /// <summary>Bytes that <paramref name="value"/> takes: 1 to 10.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Length(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    /// <summary>Writes at <paramref name="room"/>, which must have room for 10 bytes, and returns how many count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(ref byte room, ulong value)
    {
        int length = Length(value);
        if (length > 8)
        {
            return WriteLong(ref room, value);
        }

        ulong word = Spread(value) | (Continue & ((1UL << (8 * (length - 1))) - 1));
        Unsafe.WriteUnaligned(ref room, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        return length;
    }

    /// <summary>
    /// Reads from <paramref name="bytes"/>, of which 8 must be readable. Length 0 says that the number is longer than 8 bytes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ref readonly byte bytes, out int length)
    {
        ulong word = Unsafe.ReadUnaligned<ulong>(in bytes);
        word = BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word);
        ulong ends = ~word & Continue;
        length = ends == 0 ? 0 : (BitOperations.TrailingZeroCount(ends) >> 3) + 1;
        return Gather(word & (ends ^ (ends - 1)) & Payload);
    }

    /// <summary>56 bits into the lower seven bits of each byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Spread(ulong value)
    {
        value = (value & 0x0fff_ffff) | ((value << 4) & 0x0fff_ffff_0000_0000);
        value = (value & 0x0000_3fff_0000_3fff) | ((value << 2) & 0x3fff_0000_3fff_0000);
        return (value & 0x007f_007f_007f_007f) | ((value << 1) & 0x7f00_7f00_7f00_7f00);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Gather(ulong word)
    {
        word = (word & 0x007f_007f_007f_007f) | ((word & 0x7f00_7f00_7f00_7f00) >> 1);
        word = (word & 0x0000_3fff_0000_3fff) | ((word & 0x3fff_0000_3fff_0000) >> 2);
        return (word & 0x0fff_ffff) | ((word & 0x0fff_ffff_0000_0000) >> 4);
    }

    private static int WriteLong(ref byte room, ulong value)
    {
        int length = 0;
        while (value >= 0x80)
        {
            Unsafe.Add(ref room, length++) = (byte)(value | 0x80);
            value >>= 7;
        }

        Unsafe.Add(ref room, length++) = (byte)value;
        return length;
    }
}
