using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Hashing;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Hashing;

public sealed class StableHashOfTests
{
    private enum Small : byte
    {
        None = 0,
        Last = 255,
    }

    private enum Signed : short
    {
        Below = -7,
    }

    /// <summary>These values are fixed for good: stored data sets were placed by them.</summary>
    [Fact]
    public void Of_KnownValues_NeverChange()
    {
        Assert.Equal(0xbdd732262feb6e95ul, StableHash.Of(42));
        Assert.Equal(0x599ed017fb08fc85ul, StableHash.Of(1234567L));
        Assert.Equal(0xe220a8397b1dcdaful, StableHash.Of(0.0));
        Assert.Equal(0xdd7529b20613ca16ul, StableHash.Of("lepton"));
        Assert.Equal(StableHash.Combine(0xbdd732262feb6e95, 0xdd7529b20613ca16), StableHash.Of((42, "lepton")));
        Assert.Equal(0x6C7F4A3B0E5D2918ul, StableHash.Of<string?>(null));
    }

    [Fact]
    public void Of_IntegerOfAnyWidth_HashesByValue()
    {
        ulong expected = StableHash.Of(-7L);
        Assert.Equal(expected, StableHash.Of(-7));
        Assert.Equal(expected, StableHash.Of((short)-7));
        Assert.Equal(expected, StableHash.Of((sbyte)-7));
        Assert.Equal(expected, StableHash.Of((nint)(-7)));
        Assert.Equal(expected, StableHash.Of(Signed.Below));
        ulong positive = StableHash.Of(255L);
        Assert.Equal(positive, StableHash.Of((byte)255));
        Assert.Equal(positive, StableHash.Of((ushort)255));
        Assert.Equal(positive, StableHash.Of(255u));
        Assert.Equal(positive, StableHash.Of(255ul));
        Assert.Equal(positive, StableHash.Of((nuint)255));
        Assert.Equal(positive, StableHash.Of('\u00ff'));
        Assert.Equal(positive, StableHash.Of(Small.Last));
        Assert.Equal(StableHash.Of(0), StableHash.Of(Small.None));
        Assert.Equal(StableHash.Of(1), StableHash.Of(true));
        Assert.Equal(StableHash.Of(0), StableHash.Of(false));
    }

    [Fact]
    public void Of_EqualFloatingPointNumbers_HashAlike()
    {
        AssertAlike(0.0, -0.0);
        AssertAlike(0f, -0f);
        AssertAlike((Half)0, -(Half)0);
        AssertAlike(double.NaN, BitConverter.UInt64BitsToDouble(0x7FF8_0000_0000_0001));
        AssertAlike(double.NaN, -double.NaN);
        AssertAlike(float.NaN, BitConverter.UInt32BitsToSingle(0x7FC0_0001));
        AssertAlike(Half.NaN, -Half.NaN);
        Assert.NotEqual(StableHash.Of(1.0), StableHash.Of(-1.0));
    }

    [Fact]
    public void Of_EqualDecimals_HashAlike()
    {
        AssertAlike(1m, 1.000m);
        AssertAlike(0m, -0.00m);
        AssertAlike(-120m, -120.0000000000m);
        AssertAlike(79228162514264337593543950330m, 79228162514264337593543950330m);
        Assert.NotEqual(StableHash.Of(1m), StableHash.Of(10m));
        Assert.NotEqual(StableHash.Of(1m), StableHash.Of(-1m));
        Prop.ForAll<decimal>(value =>
        {
            decimal padded = Math.Abs(value) < 1e20m ? value * 1.000m : value;
            return value != padded || StableHash.Of(value) == StableHash.Of(padded);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Of_EqualDates_HashAlike()
    {
        DateTime utc = new(2026, 11, 22, 7, 47, 0, DateTimeKind.Utc);
        AssertAlike(utc, DateTime.SpecifyKind(utc, DateTimeKind.Local));
        AssertAlike(
            new DateTimeOffset(2026, 11, 22, 7, 0, 0, TimeSpan.Zero),
            new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.FromHours(2)));
        Assert.NotEqual(StableHash.Of(new DateOnly(2026, 11, 22)), StableHash.Of(new DateOnly(2026, 11, 23)));
        Assert.NotEqual(StableHash.Of(new TimeOnly(1, 2)), StableHash.Of(new TimeOnly(2, 1)));
        Assert.NotEqual(StableHash.Of(TimeSpan.FromTicks(1)), StableHash.Of(TimeSpan.FromTicks(2)));
    }

    [Fact]
    public void Of_Guid_IsHashOfItsBytes()
    {
        Guid id = new("01234567-89ab-cdef-0123-456789abcdef");
        Assert.Equal(StableHash.OfBytes(id.ToByteArray()), StableHash.Of(id));
    }

    [Fact]
    public void Of_WideIntegers_TellsHalvesApart()
    {
        Assert.NotEqual(StableHash.Of((Int128)1), StableHash.Of((Int128)1 << 64));
        Assert.Equal(StableHash.Of((Int128)5), StableHash.Of((UInt128)5));
    }

    [Fact]
    public void Of_Nullable_HashesAsItsValueOrNull()
    {
        Assert.Equal(StableHash.Of(5), StableHash.Of<int?>(5));
        Assert.Equal(StableHash.OfNull, StableHash.Of<int?>(null));
        Assert.Equal(StableHash.Of(Small.Last), StableHash.Of<Small?>(Small.Last));
        Assert.NotEqual(StableHash.Of(""), StableHash.Of<string?>(null));
    }

    [Fact]
    public void Of_Tuples_CombineTheirItemsInOrder()
    {
        ulong one = StableHash.Of(1);
        ulong two = StableHash.Of("two");
        ulong three = StableHash.Of(3.0);
        ulong four = StableHash.Of('4');
        ulong pair = StableHash.Combine(one, two);
        ulong triple = StableHash.Combine(pair, three);
        Assert.Equal(one, StableHash.Of(ValueTuple.Create(1)));
        Assert.Equal(pair, StableHash.Of((1, "two")));
        Assert.Equal(triple, StableHash.Of((1, "two", 3.0)));
        Assert.Equal(StableHash.Combine(triple, four), StableHash.Of((1, "two", 3.0, '4')));
        Assert.Equal(StableHash.Combine(pair, triple), StableHash.Of(((1, "two"), (1, "two", 3.0))));
        Assert.Equal(pair, StableHash.Of(Tuple.Create(1, "two")));
        Assert.Equal(StableHash.Of((1, 2, 3, 4, 5, 6, 7, 8, -0.0)), StableHash.Of((1, 2, 3, 4, 5, 6, 7, 8, 0.0)));
        Assert.NotEqual(StableHash.Of((1, 2, 3, 4, 5, 6, 7, 8, 9)), StableHash.Of((1, 2, 3, 4, 5, 6, 7, 9, 8)));
    }

    [Fact]
    public void Of_DirectTypes_AllocateNothing()
    {
        (long, string, Guid) key = (7, "some key", Guid.Empty);
        int? nullable = 5;
        ulong sum = StableHash.Of(key) + StableHash.Of(nullable) + StableHash.Of(Small.Last) + StableHash.Of(1.5m);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            sum += StableHash.Of(i) + StableHash.Of(key) + StableHash.Of("text") + StableHash.Of(nullable)
                + StableHash.Of(Small.Last) + StableHash.Of(1.5m) + StableHash.Of(2.5);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0ul, sum);
    }

    [Fact]
    public void Of_SequentialNumbers_SpreadEvenlyOverBuckets()
    {
        const int Buckets = 64;
        int[] counts = new int[Buckets];
        for (int i = 0; i < 64_000; i++)
        {
            counts[StableHash.Of(i) % Buckets]++;
        }

        // 63 degrees of freedom: 99.9% of fair draws stay below 104.
        Assert.InRange(counts.Sum(count => Math.Pow(count - 1000, 2) / 1000), 0, 104);
    }

    [Fact]
    public void Bucket_AnyHash_IsTheHighPartOfTheProduct() =>
        Prop.ForAll<ulong, ushort>((hash, count) =>
        {
            int bucket = StableHash.Bucket(hash, count + 1);
            return bucket == (int)((UInt128)hash * (uint)(count + 1) >> 64) && bucket <= count;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Of_UncodableType_SaysSoEachTime()
    {
        for (int i = 0; i < 2; i++)
        {
            UncodableTypeException refusal = Assert.Throws<UncodableTypeException>(() => StableHash.Of(new object()));
            Assert.Equal(typeof(object), refusal.Type);
        }
    }

    private static void AssertAlike<T>(T left, T right)
    {
        Assert.True(EqualityComparer<T>.Default.Equals(left, right), $"{left} and {right} are not even equal.");
        Assert.Equal(StableHash.Of(left), StableHash.Of(right));
        Assert.Equal(StableHasher<T>.Default.Hash(left), StableHash.Of(right));
    }
}
