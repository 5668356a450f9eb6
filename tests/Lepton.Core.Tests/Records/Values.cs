using System.Numerics;
using FsCheck;
using FsCheck.Fluent;

namespace Lepton.Core.Tests.Records;

/// <summary>Generators that reach the ends of their types.</summary>
internal static class Values
{
    public static Gen<byte> Byte => Gen.Choose(0, 255).Select(value => (byte)value);

    public static Gen<uint> UInt32 =>
        from high in Gen.Choose(0, 0xffff)
        from low in Gen.Choose(0, 0xffff)
        select ((uint)high << 16) | (uint)low;

    /// <summary>Of every length in bits, so that every length of a varint occurs.</summary>
    public static Gen<ulong> UInt64 =>
        from high in UInt32
        from low in UInt32
        from shift in Gen.Choose(0, 63)
        select (((ulong)high << 32) | low) >> shift;

    public static Gen<long> Int64 =>
        from value in UInt64
        from sign in Gen.Choose(0, 1)
        select sign == 0 ? (long)value : ~(long)value;

    public static Gen<UInt128> UInt128 => from high in UInt64 from low in UInt64 select new UInt128(high, low);

    public static Gen<double> Double => UInt64Full.Select(BitConverter.UInt64BitsToDouble);

    public static Gen<ulong> UInt64Full => from high in UInt32 from low in UInt32 select ((ulong)high << 32) | low;

    /// <summary>Any UTF-16, lone surrogates included, up to some hundred chars.</summary>
    public static Gen<string> String => Gen.OneOf(
        Text(Gen.Choose(32, 126)),
        Text(Gen.Choose(0, 0x7ff)),
        Text(Gen.Choose(0, 0xffff)),
        Text(Gen.Choose(0xd700, 0xe0ff)));

    public static Gen<decimal> Decimal =>
        from low in UInt32
        from middle in UInt32
        from high in UInt32
        from scale in Gen.Choose(0, 28)
        from sign in Gen.Choose(0, 1)
        select new decimal((int)low, (int)middle, (int)high, sign == 1, (byte)scale);

    public static Gen<BigInteger> BigInteger => Bytes.Select(bytes => new BigInteger(bytes));

    public static Gen<byte[]> Bytes => Byte.ArrayOf();

    public static Gen<DateTime> DateTime =>
        from ticks in Ticks(System.DateTime.MaxValue.Ticks)
        from kind in Gen.Choose(0, 2)
        select new DateTime(ticks, (DateTimeKind)kind);

    public static Gen<DateTimeOffset> DateTimeOffset =>
        from ticks in Ticks(System.DateTime.MaxValue.Ticks - (2 * TimeSpan.TicksPerDay))
        from minutes in Gen.Choose(-14 * 60, 14 * 60)
        select new DateTimeOffset(ticks + TimeSpan.TicksPerDay, TimeSpan.FromMinutes(minutes));

    public static Gen<long> Ticks(long max) =>
        Gen.OneOf(UInt64Full.Select(value => (long)(value % ((ulong)max + 1))), Gen.Elements(0L, max));

    private static Gen<string> Text(Gen<int> chars) =>
        from size in Gen.Choose(0, 150)
        from text in chars.Select(value => (char)value).ArrayOf(size)
        select new string(text);
}
