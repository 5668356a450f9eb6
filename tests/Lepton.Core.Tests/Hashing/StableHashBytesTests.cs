using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Core.Hashing;

namespace Lepton.Core.Tests.Hashing;

public sealed class StableHashBytesTests
{
    private const ulong Prime64 = 11400714785074694797;
    private static readonly byte[] s_sanity = SanityBuffer();

    /// <summary>Vectors of xxHash's own sanity test (its buffer, its seed), 0.8.</summary>
    [Theory]
    [InlineData(0, 0x2d06800538d394c2, 0xa8a6b918b2f0364a)]
    [InlineData(1, 0xc44bdff4074eecdb, 0x032be332dd766ef8)]
    [InlineData(3, 0x54247382a8d6b94d, 0x634b8990b4976373)]
    [InlineData(6, 0x27b56a84cd2d7325, 0x84589c116ab59ab9)]
    [InlineData(12, 0xa713daf0dfbb77e7, 0xe7303e1b2336de0e)]
    [InlineData(16, 0x981b17d36c7498c9, 0x663f29333b4db6b1)]
    [InlineData(17, 0x796f5acd3a60f862, 0xf3ec5067f4306db3)]
    [InlineData(24, 0xa3fe70bf9d3510eb, 0x850e80fc35bdd690)]
    [InlineData(48, 0x397da259ecba1f11, 0xadc2cbaa44acc616)]
    [InlineData(80, 0xbcdefbbb2c47c90a, 0xc6dd0cb699532e73)]
    [InlineData(128, 0xfcff24126754d861, 0x73fde75280646649)]
    [InlineData(195, 0xcd94217ee362ec3a, 0xba68003d370cb3d9)]
    [InlineData(240, 0x81c3c2b67f568ccf, 0xcc0f58c27ef3d8ee)]
    [InlineData(241, 0xc5a639ecd2030e5e, 0xdda9b0a161d4829a)]
    [InlineData(403, 0xcdeb804d65c6dea4, 0x6259f6ecfd6443fd)]
    [InlineData(512, 0x617e49599013cb6b, 0x3ce457de14c27708)]
    [InlineData(2048, 0xdd59e2c3a5f038e0, 0x66f81670669ababc)]
    [InlineData(2367, 0xcb37aeb9e5d361ed, 0xd2db3415b942b42a)]
    public void OfBytes_ReferenceVector_Equals(int length, ulong unseeded, ulong seeded)
    {
        Assert.Equal(unseeded, StableHash.OfBytes(s_sanity.AsSpan(0, length)));
        Assert.Equal(seeded, StableHash.OfBytes(s_sanity.AsSpan(0, length), Prime64));
    }

    /// <summary>Every length up to four blocks, folded into one number; the reference gives the same.</summary>
    [Fact]
    public void OfBytes_EveryLengthTo4160_FoldEqualsReference()
    {
        ulong fold = 0;
        ulong foldSeeded = 0;
        for (int length = 0; length <= 4160; length++)
        {
            fold = (fold * 31) + StableHash.OfBytes(s_sanity.AsSpan(0, length));
            foldSeeded = (foldSeeded * 31) + StableHash.OfBytes(s_sanity.AsSpan(0, length), Prime64);
        }

        Assert.Equal(0x00952be712f2259ful, fold);
        Assert.Equal(0x00bc6ce01fc1a7a0ul, foldSeeded);
    }

    [Theory]
    [InlineData("", 0x2d06800538d394c2)]
    [InlineData("a", 0xe6c632b61e964e1f)]
    [InlineData("abc", 0x78af5f94892f3950)]
    [InlineData("key", 0xbbea0d63a05165e3)]
    public void OfBytes_Ascii_EqualsReference(string text, ulong expected) =>
        Assert.Equal(expected, StableHash.OfBytes(Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("a", 0x0d78baac08237ddb)]
    [InlineData("lepton", 0xdd7529b20613ca16)]
    [InlineData("consistent hashing with bounded loads 40", 0x84a70486cb6678e1)]
    public void OfString_Text_IsReferenceOverUtf16LittleEndian(string text, ulong expected)
    {
        Assert.Equal(expected, StableHash.OfString(text));
        Assert.Equal(expected, StableHash.OfBytes(Encoding.Unicode.GetBytes(text)));
        Assert.Equal(expected, StableHash.Of(text));
    }

    [Theory]
    [InlineData(0x0000000000000000, 0xe220a8397b1dcdaf)]
    [InlineData(0x9e3779b97f4a7c15, 0x6e789e6aa1b965f4)]
    [InlineData(0x3c6ef372fe94f82a, 0x06c45d188009454f)]
    public void Mix_SplitMixState_EqualsReference(ulong state, ulong expected) =>
        Assert.Equal(expected, StableHash.Mix(state));

    [Fact]
    public void Mix_OneBitFlipped_ChangesAboutHalfOfTheOutput()
    {
        for (int bit = 0; bit < 64; bit++)
        {
            long flipped = 0;
            for (ulong value = 0; value < 1000; value++)
            {
                flipped += long.PopCount((long)(StableHash.Mix(value) ^ StableHash.Mix(value ^ (1ul << bit))));
            }

            Assert.InRange(flipped / 1000.0, 31, 33);
        }
    }

    [Fact]
    public void Combine_Swapped_Differs() =>
        Prop.ForAll<ulong, ulong>((a, b) => a == b || StableHash.Combine(a, b) != StableHash.Combine(b, a))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Combine_GridOfSmallNumbers_NeverCollides()
    {
        HashSet<ulong> seen = [];
        for (ulong a = 0; a < 300; a++)
        {
            for (ulong b = 0; b < 300; b++)
            {
                Assert.True(seen.Add(StableHash.Combine(a, b)), $"({a}, {b}) collides.");
            }
        }
    }

    private static byte[] SanityBuffer()
    {
        byte[] buffer = new byte[4161];
        ulong state = 2654435761;
        for (int i = 0; i < buffer.Length; i++)
        {
            buffer[i] = (byte)(state >> 56);
            state *= Prime64;
        }

        return buffer;
    }
}
