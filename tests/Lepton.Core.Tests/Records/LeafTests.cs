using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Lepton.Core.Tests.Records;

public sealed class LeafTests
{
    [Fact]
    public void Integers_OfEveryWidth_RoundTrip()
    {
        RoundTrip.ForAll(Values.Byte);
        RoundTrip.ForAll(Values.Byte.Select(value => (sbyte)value));
        RoundTrip.ForAll(Values.Int64.Select(value => (short)value));
        RoundTrip.ForAll(Values.Int64.Select(value => (ushort)value));
        RoundTrip.ForAll(Values.Int64.Select(value => (int)value));
        RoundTrip.ForAll(Values.UInt32);
        RoundTrip.ForAll(Values.Int64);
        RoundTrip.ForAll(Values.UInt64);
        RoundTrip.ForAll(Values.UInt128);
        RoundTrip.ForAll(Values.UInt128.Select(value => (Int128)value));
        RoundTrip.ForAll(Values.BigInteger);
        RoundTrip.ForAll(Values.Int64.Select(value => (char)value));
        RoundTrip.ForAll(Gen.Elements(true, false));
    }

    [Fact]
    public void Integers_AtTheirEnds_RoundTrip()
    {
        RoundTrip.HoldsEverywhere(sbyte.MinValue);
        RoundTrip.HoldsEverywhere(short.MinValue);
        RoundTrip.HoldsEverywhere(ushort.MaxValue);
        RoundTrip.HoldsEverywhere(int.MinValue);
        RoundTrip.HoldsEverywhere(int.MaxValue);
        RoundTrip.HoldsEverywhere(uint.MaxValue);
        RoundTrip.HoldsEverywhere(long.MinValue);
        RoundTrip.HoldsEverywhere(long.MaxValue);
        RoundTrip.HoldsEverywhere(ulong.MaxValue);
        RoundTrip.HoldsEverywhere(Int128.MinValue);
        RoundTrip.HoldsEverywhere(UInt128.MaxValue);
        RoundTrip.HoldsEverywhere(char.MaxValue);
        RoundTrip.HoldsEverywhere(BigInteger.Pow(-7, 5000));
    }

    [Fact]
    public void FloatingPoint_AnyBits_ComesBackBitForBit()
    {
        RoundTrip.ForAll(
            Values.UInt64Full,
            bits =>
            {
                double value = BitConverter.UInt64BitsToDouble(bits);
                Assert.Equal(bits, BitConverter.DoubleToUInt64Bits(RoundTrip.Of(value)));
                float single = BitConverter.UInt32BitsToSingle((uint)bits);
                Assert.Equal((uint)bits, BitConverter.SingleToUInt32Bits(RoundTrip.Of(single)));
                Half half = BitConverter.UInt16BitsToHalf((ushort)bits);
                Assert.Equal((ushort)bits, BitConverter.HalfToUInt16Bits(RoundTrip.Of(half)));
                Assert.Equal(bits, BitConverter.DoubleToUInt64Bits(RoundTrip.Of(new[] { value })[0]));
            });
        ulong oddNaN = 0x7ff8_0000_dead_beef;
        double nan = BitConverter.UInt64BitsToDouble(oddNaN);
        Assert.Equal(oddNaN, BitConverter.DoubleToUInt64Bits(RoundTrip.Of((1, nan)).nan));
        Assert.True(double.IsNegative(RoundTrip.Of(-0.0)));
        RoundTrip.HoldsEverywhere(double.Epsilon);
        RoundTrip.HoldsEverywhere(float.NegativeInfinity);
        RoundTrip.HoldsEverywhere(Half.MaxValue);
    }

    [Fact]
    public void Decimal_AnyScale_KeepsItsDigits()
    {
        RoundTrip.ForAll(
            Values.Decimal,
            value => Assert.Equal(decimal.GetBits(value), decimal.GetBits(RoundTrip.Of(value))));
        Assert.Equal("1.00", RoundTrip.Of(1.00m).ToString(System.Globalization.CultureInfo.InvariantCulture));
        RoundTrip.HoldsEverywhere(decimal.MinValue);
    }

    [Fact]
    public void Times_OfEveryKind_RoundTrip()
    {
        RoundTrip.ForAll(
            Values.DateTime,
            value =>
            {
                DateTime back = RoundTrip.Of(value);
                Assert.Equal((value.Ticks, value.Kind), (back.Ticks, back.Kind));
            });
        RoundTrip.ForAll(
            Values.DateTimeOffset,
            value => Assert.True(value.EqualsExact(RoundTrip.Of(value))));
        RoundTrip.ForAll(Values.Ticks(DateOnly.MaxValue.DayNumber).Select(day => DateOnly.FromDayNumber((int)day)));
        RoundTrip.ForAll(Values.Ticks(TimeOnly.MaxValue.Ticks).Select(ticks => new TimeOnly(ticks)));
        RoundTrip.ForAll(Values.Int64.Select(ticks => new TimeSpan(ticks)));
        RoundTrip.HoldsEverywhere(DateTimeOffset.MinValue);
        RoundTrip.HoldsEverywhere(DateTimeOffset.MaxValue);
        RoundTrip.HoldsEverywhere(DateTime.MaxValue);
    }

    [Fact]
    public void Strings_AnyUtf16_RoundTrip()
    {
        RoundTrip.ForAll(Values.String);
        RoundTrip.ForAll(Values.String, RoundTrip.Holds, 500);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("\ud800")]
    [InlineData("\udc00\ud800")]
    [InlineData("a\ud83d\ude00b")]
    [InlineData("\0")]
    [InlineData("\uffff\ufffe\ufeff")]
    public void String_AtTheEdges_RoundTrips(string? value) => RoundTrip.HoldsEverywhere(value);

    [Theory]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(5_000_000)]
    public void String_AroundThePlacesWhereTheCodingChanges_RoundTrips(int length)
    {
        foreach (char c in "aé€\ud800")
        {
            RoundTrip.Holds(new string(c, length));
            RoundTrip.Holds(new string('a', length - 1) + c);
        }
    }

    [Fact]
    public void OtherTypesOfTheFramework_RoundTrip()
    {
        RoundTrip.HoldsEverywhere(new Guid("01234567-89ab-cdef-0123-456789abcdef"));
        RoundTrip.HoldsEverywhere(new Rune(0x1f600));
        RoundTrip.HoldsEverywhere<Uri?>(null);
        RoundTrip.HoldsEverywhere<Version?>(null);
        foreach (string version in (string[])["1.2", "1.2.3", "0.0.0.2147483647"])
        {
            RoundTrip.HoldsEverywhere(new Version(version));
        }

        foreach (string uri in (string[])["http://host/a%20b?c#d", "file:///x", "mailto:a@b", "http://münchen.de/ä b"])
        {
            RoundTrip.HoldsEverywhere(new Uri(uri));
            Assert.Equal(uri, RoundTrip.Of(new Uri(uri)).OriginalString);
        }

        RoundTrip.HoldsEverywhere(new Uri("../a b", UriKind.Relative));
        RoundTrip.HoldsEverywhere(new Uri("/a", UriKind.Relative));
        RoundTrip.HoldsEverywhere(new Index(3, fromEnd: true));
        RoundTrip.HoldsEverywhere(1..^2);
        RoundTrip.HoldsEverywhere(new Complex(1.5, -2));
        RoundTrip.HoldsEverywhere(new Vector3(1, 2, 3));
        RoundTrip.HoldsEverywhere(new System.Drawing.Point(-1, 70000));
        RoundTrip.HoldsEverywhere(default(ValueTuple));
    }

    [Fact]
    public void Enums_OverEveryInteger_RoundTrip()
    {
        RoundTrip.HoldsEverywhere(OfByte.High);
        RoundTrip.HoldsEverywhere(OfSByte.Low);
        RoundTrip.HoldsEverywhere(OfInt16.Low);
        RoundTrip.HoldsEverywhere(OfUInt16.High);
        RoundTrip.HoldsEverywhere(OfInt32.Low);
        RoundTrip.HoldsEverywhere(OfUInt32.High);
        RoundTrip.HoldsEverywhere(OfInt64.Low);
        RoundTrip.HoldsEverywhere(OfUInt64.High);
        RoundTrip.HoldsEverywhere((OfInt32)12345);
        RoundTrip.HoldsEverywhere<OfInt64?>(OfInt64.Low);
        RoundTrip.HoldsEverywhere<OfInt64?>(null);
    }

    [Fact]
    public void Nullables_WithAndWithoutValue_RoundTrip()
    {
        RoundTrip.HoldsEverywhere<int?>(null);
        RoundTrip.HoldsEverywhere<int?>(-5);
        RoundTrip.HoldsEverywhere<double?>(double.MaxValue);
        RoundTrip.HoldsEverywhere<DateTime?>(DateTime.MaxValue);
        RoundTrip.HoldsEverywhere<(int, string?)?>(null);
        RoundTrip.HoldsEverywhere<(int, string?)?>((1, null));
    }

    private enum OfByte : byte
    {
        None,
        High = byte.MaxValue,
    }

    private enum OfSByte : sbyte
    {
        None,
        Low = sbyte.MinValue,
    }

    private enum OfInt16 : short
    {
        None,
        Low = short.MinValue,
    }

    private enum OfUInt16 : ushort
    {
        None,
        High = ushort.MaxValue,
    }

    private enum OfInt32
    {
        None,
        Low = int.MinValue,
    }

    private enum OfUInt32 : uint
    {
        None,
        High = uint.MaxValue,
    }

    private enum OfInt64 : long
    {
        None,
        Low = long.MinValue,
    }

    private enum OfUInt64 : ulong
    {
        None,
        High = ulong.MaxValue,
    }
}
