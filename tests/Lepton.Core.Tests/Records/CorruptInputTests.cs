using System.Collections.Immutable;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Records;

namespace Lepton.Core.Tests.Records;

/// <summary>
/// Damaged bytes give a value or a <see cref="CorruptRecordException"/>, within bounded memory, always.
/// </summary>
public sealed class CorruptInputTests
{
    private static readonly Wide Sample = new(
        5, "text é \ud800", 1.5m, DateTime.MaxValue, DateTimeOffset.MaxValue, DateOnly.MaxValue, TimeOnly.MaxValue,
        true, 'x',
        new Uri("http://a/b"), new Version(1, 2, 3), BigInteger.Pow(3, 100), new Rune('a'), DayOfWeek.Monday,
        [1, 2, 3], [true, false], ["a", null], [(1, "b"), (2, "c")],
        new() { ["k"] = [1.5], ["j"] = [] }, [3, 1, 2], new[,] { { 1, 2 }, { 3, 4 } }, [new Leaf(1, null)],
        new Leaf(2, new Leaf(3, null)), 7, null, new[] { 1, 2 });

    [Fact]
    public void Sample_Undamaged_ComesBack()
    {
        byte[] bytes = RoundTrip.Bytes(Sample);
        Assert.Equal(bytes, RoundTrip.Bytes(RoundTrip.From<Wide>(bytes)));
    }

    [Fact]
    public void TruncatedRecord_AtEveryByte_IsRefused()
    {
        byte[] bytes = RoundTrip.Bytes(Sample);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(Survives<Wide>(bytes.AsSpan(0, length)), $"A record cut to {length} bytes was read.");
        }
    }

    [Fact]
    public void RecordWithAnyBitFlipped_GivesAValueOrIsRefused()
    {
        byte[] bytes = RoundTrip.Bytes(Sample);
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            byte[] damaged = [.. bytes];
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            Survives<Wide>(damaged);
        }
    }

    [Fact]
    public void RecordWithManyBytesReplaced_GivesAValueOrIsRefused()
    {
        byte[] bytes = RoundTrip.Bytes(Sample);
        RoundTrip.ForAll(
            (from at in Gen.Choose(0, bytes.Length - 1) from value in Values.Byte select (at, value)).ArrayOf(),
            edits =>
            {
                byte[] damaged = [.. bytes];
                foreach ((int at, byte value) in edits)
                {
                    damaged[at] = value;
                }

                Survives<Wide>(damaged);
            },
            500);
    }

    [Fact]
    public void RandomBytes_ForEveryKindOfType_GiveAValueOrAreRefused()
    {
        RoundTrip.ForAll(
            Gen.OneOf(
                Values.Bytes,
                Gen.Elements<byte>(0, 1, 2, 3, 127, 128, 255).ArrayOf(),
                Gen.Elements<byte>(2, 255).ArrayOf(40)),
            bytes =>
            {
                Survives<Wide>(bytes);
                Survives<string>(bytes);
                Survives<(long, string)[]>(bytes);
                Survives<List<Leaf>>(bytes);
                Survives<Leaf>(bytes);
                Survives<Branch>(bytes);
                Survives<Dictionary<string, Dictionary<string, int[]>>>(bytes);
                Survives<Dictionary<Leaf, int>>(bytes);
                Survives<HashSet<decimal>>(bytes);
                Survives<int[,,]>(bytes);
                Survives<string[,]>(bytes);
                Survives<ImmutableArray<DateTime>>(bytes);
                Survives<ReadOnlyMemory<char>>(bytes);
                Survives<List<bool>>(bytes);
                Survives<Empty[]>(bytes);
                Survives<BigInteger>(bytes);
                Survives<DateTimeOffset>(bytes);
                Survives<Uri>(bytes);
                Survives<Version>(bytes);
                Survives<(int, short, ushort, uint, char, sbyte)>(bytes);
            },
            1000);
    }

    [Fact]
    public void CountBeyondTheInput_IsRefusedBeforeMemoryIsTaken()
    {
        foreach (Type type in (Type[])
            [typeof(int[]), typeof(string[]), typeof(List<long>), typeof(List<string>), typeof(Dictionary<int, int>),
             typeof(HashSet<string>), typeof(Empty[]), typeof(string), typeof(BigInteger), typeof((long, long)[])])
        {
            RecordCodec codec = RecordCodec.For(type);
            foreach (ulong count in (ulong[])[100, 1 << 20, int.MaxValue, 1UL << 31, 1UL << 40, ulong.MaxValue])
            {
                using var writer = new RecordWriter();
                writer.WriteVarUInt64(count);
                writer.WriteRaw([0, 0, 0]);
                long before = GC.GetAllocatedBytesForCurrentThread();
                CorruptRecordException refused =
                    Assert.Throws<CorruptRecordException>(() => Read(codec, writer.WrittenSpan));
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 * 1024, $"{type} {count}");
                Assert.Contains("follow", refused.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void CountsThatClaimTheSameBytesAtEveryLevel_AreRefused()
    {
        // Each level says that all that follows are its children: alone each is possible, together they can't be.
        byte[] bytes = new byte[3 * 60_000];
        for (int i = 0; i < bytes.Length / 4; i++)
        {
            bytes[(4 * i) + 0] = 1;
            bytes[(4 * i) + 1] = 0x80;
            bytes[(4 * i) + 2] = 0x80;
            bytes[(4 * i) + 3] = 2;
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<CorruptRecordException>(() => Read(RecordCodec.For<Branch>(), bytes));
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken < 20 * bytes.Length, $"{taken:N0} bytes of memory for {bytes.Length:N0} of input.");
    }

    [Fact]
    public void NestingWithoutEnd_IsRefusedBeforeTheStackIsFull()
    {
        byte[] bytes = new byte[100_000];
        Array.Fill(bytes, (byte)1);
        bytes.AsSpan().Fill(1);
        CorruptRecordException refused =
                    Assert.Throws<CorruptRecordException>(() => Read(RecordCodec.For<Chain>(), bytes));
        Assert.Contains("nests 1,001 levels deep at byte 1001", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Dimensions_ThatMultiplyPastTheInput_AreRefused()
    {
        using var writer = new RecordWriter();
        writer.WriteByte(1);
        writer.WriteVarUInt64(1 << 20);
        writer.WriteVarUInt64(1 << 20);
        Assert.Throws<CorruptRecordException>(() => Read(RecordCodec.For<byte[,]>(), writer.WrittenSpan));
        writer.Clear();
        writer.WriteByte(1);
        writer.WriteVarUInt64(0);
        writer.WriteVarUInt64(1 << 20);
        Assert.Equal(1 << 20, ((byte[,])Read(RecordCodec.For<byte[,]>(), writer.WrittenSpan)!).GetLength(1));
    }

    [Theory]
    [InlineData(typeof(bool), new byte[] { 2 }, "Byte 0 is 2 where a boolean (0 or 1) was expected.")]
    [InlineData(typeof(bool[]), new byte[] { 3, 0, 7 }, "Byte 2 is 7 where a boolean (0 or 1) was expected.")]
    [InlineData(typeof(Version), new byte[] { 1 }, "A version of one part stands at byte 0.")]
    [InlineData(typeof(Version), new byte[] { 9 }, "Byte 0 is 9 where a tag of 0 to 4 was expected.")]
    [InlineData(typeof(Empty), new byte[] { 1 }, "Byte 0 is 1 where a tag of 0 to 0 was expected.")]
    [InlineData(typeof(ushort), new byte[] { 0xff, 0xff, 7 }, "The number 131071 that ends at byte 3 does not " +
        "fit where a ushort was expected.")]
    [InlineData(typeof(int), new byte[] { 0x80, 0x80, 0x80, 0x80, 0x10 }, "The number 2147483648 that ends at " +
        "byte 5 does not fit where a int was expected.")]
    [InlineData(typeof(Uri), new byte[] { 2, 2, 97 }, "The text that ends at byte 3 is not an address.")]
    [InlineData(typeof(string), new byte[] { 3, 97 }, "A UTF-16 string of 1 bytes ends at byte 2: it must have " +
        "an even number, above zero.")]
    [InlineData(typeof(HashSet<int>), new byte[] { 3, 2, 2 }, "The entry that ends at byte 3 repeats a key of " +
        "its dictionary or set.")]
    [InlineData(typeof(Dictionary<string, int>), new byte[] { 2, 0, 1, 1 }, "The key of a dictionary that ends " +
        "at byte 3 is null.")]
    [InlineData(typeof(long), new byte[] { }, "1 bytes were expected at byte 0, but only 0 are left: the data " +
        "is cut off.")]
    public void Damage_IsDescribed(Type type, byte[] bytes, string message) =>
        Assert.Equal(message, Assert.Throws<CorruptRecordException>(() => Read(RecordCodec.For(type), bytes)).Message);

    [Fact]
    public void TextThatIsNotUtf8_IsRefused() =>
        Assert.StartsWith(
            "A string of 2 bytes ends at byte 3, but is not UTF-8",
            Assert.Throws<CorruptRecordException>(() => Read(RecordCodec.For<string>(), [4, 0xc3, 0x28])).Message,
            StringComparison.Ordinal);

    private static object? Read(RecordCodec codec, ReadOnlySpan<byte> bytes)
    {
        var reader = new RecordReader(bytes);
        return codec.ReadObject(ref reader);
    }

    /// <summary>True when a value was read; a corrupt record is the only exception that passes.</summary>
    private static bool Survives<T>(ReadOnlySpan<byte> bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool read = true;
        try
        {
            var reader = new RecordReader(bytes);
            RecordCodec.For<T>().Read(ref reader);
        }
        catch (CorruptRecordException)
        {
            read = false;
        }

        // The compiling of a codec and an exception with its trace take some; a count taken at its word would take
        // gigabytes.
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2_000_000 + (1000L * bytes.Length));
        return read;
    }

    private sealed record Wide(
        int Id, string Text, decimal Money, DateTime Time, DateTimeOffset Offset, DateOnly Date, TimeOnly Clock,
        bool Flag, char Letter,
        Uri Uri, Version Version, BigInteger Big, Rune Rune, DayOfWeek Day,
        int[] Ints, bool[] Bools, string?[] Texts, List<(int, string)> Pairs,
        Dictionary<string, double[]> Map, HashSet<int> Set, int[,] Grid, ImmutableArray<Leaf> Leaves,
        Leaf Leaf, int? Some, double? None, ReadOnlyMemory<int> Memory);

    private sealed record Leaf(int Id, Leaf? Next);

    private sealed record Branch(List<Branch> Below);

    private sealed class Chain
    {
        public Chain? Next { get; init; }
    }

    private readonly record struct Empty;
}
