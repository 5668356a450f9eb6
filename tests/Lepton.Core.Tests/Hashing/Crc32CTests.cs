using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Hashing;
using Lepton.Core.Randomness;

namespace Lepton.Core.Tests.Hashing;

public sealed class Crc32CTests
{
    /// <summary>RFC 3720, appendix B.4.</summary>
    public static TheoryData<string, byte[], uint> Vectors => new()
    {
        { "32 zeros", new byte[32], 0x8A9136AA },
        { "32 ones", [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { "ascending", [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { "descending", [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
        {
            "an iSCSI read command",
            Convert.FromHexString("01c00000000000000000000000000000140000000000040000000014000000182800000000000000" +
                "0200000000000000"),
            0xD9963A56
        },
        { "the check digits", "123456789"u8.ToArray(), 0xE3069283 },
        { "nothing", [], 0 },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Compute_RfcVector_Equals(string what, byte[] bytes, uint expected)
    {
        Assert.True(expected == Crc32C.Compute(bytes), what);
        Assert.True(expected == Crc32C.ComputeScalar(bytes), what + ", scalar");
    }

    [Fact]
    public void Compute_AnyLengthAndAlignment_EqualsScalarTwin()
    {
        byte[] bytes = RandomBytes(20_000);
        foreach (int length in (int[])[1, 7, 8, 9, 63, 1024, 3071, 3072, 3073, 6143, 6144, 9217, 19_000])
        {
            for (int offset = 0; offset < 9; offset++)
            {
                ReadOnlySpan<byte> part = bytes.AsSpan(offset, length);
                Assert.Equal(Crc32C.ComputeScalar(part, 77), Crc32C.Compute(part, 77));
            }
        }
    }

    [Fact]
    public void Compute_InTwoParts_EqualsWhole()
    {
        byte[] bytes = RandomBytes(8000);
        Prop.ForAll(Gen.Choose(0, bytes.Length).ToArbitrary(), cut =>
            Crc32C.Compute(bytes.AsSpan(cut), Crc32C.Compute(bytes.AsSpan(0, cut))) == Crc32C.Compute(bytes))
            .QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Compute_OneBitFlipped_Differs()
    {
        byte[] bytes = RandomBytes(4000);
        uint sum = Crc32C.Compute(bytes);
        for (int bit = 0; bit < bytes.Length * 8; bit += 97)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(sum, Crc32C.Compute(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    private static byte[] RandomBytes(int count)
    {
        SeededRandom random = new(1);
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++)
        {
            bytes[i] = (byte)random.NextUInt64();
        }

        return bytes;
    }
}
