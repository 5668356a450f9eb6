using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class Utf8WordsTests
{
    [Fact]
    public void Split_AnyText_GivesWhatStringSplitGives()
    {
        string[] parts =
        [
            " ", "\t", "\r\n", "\u0085", "\u00A0", "\u1680", "\u2000", "\u200A", "\u200B", "\u2028", "\u202F",
            "\u205F", "\u3000", "\uFEFF", "a", "word", "é", "語", "😀", new string('x', 31), new string(' ', 30),
        ];
        Prop.ForAll(Arb.From(Gen.Elements(parts).ListOf()), some =>
        {
            string text = string.Concat(some);
            Assert.Equal(
                text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
                new Utf8Text(text).Split().Select(word => word.ToString()));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Split_EveryCharacter_AgreesOnWhatIsWhiteSpace()
    {
        for (int c = 0; c <= char.MaxValue; c++)
        {
            if (!char.IsSurrogate((char)c))
            {
                int words = new Utf8Text($"a{(char)c}b").Split().Length;
                Assert.True(words == (char.IsWhiteSpace((char)c) ? 2 : 1), $"U+{c:X4} gave {words} words");
            }
        }
    }

    [Fact]
    public void Split_InvalidUtf8_KeepsItInTheWord()
    {
        byte[] bytes = [(byte)'a', 0xE2, 0x80, (byte)' ', 0xC2, 0xFF, (byte)'\n', 0xE3, 0x80];
        Assert.Equal(3, new Utf8Text(bytes).Split().Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(300)]
    public void Read_AnyBuffer_GoesOnWhereItStopped(int bufferWords)
    {
        var text = new Utf8Text(string.Join(' ', Enumerable.Range(0, 500)));
        var buffer = new Utf8Text[bufferWords];
        var found = new List<string>();
        Utf8Words words = text.Words();
        for (int count = words.Read(buffer); count > 0; count = words.Read(buffer))
        {
            found.AddRange(buffer.Take(count).Select(word => word.ToString()));
        }

        Assert.Equal(Enumerable.Range(0, 500).Select(i => $"{i}"), found);
    }

    [Fact]
    public void Split_NoWords_GivesNone()
    {
        Assert.Empty(default(Utf8Text).Split());
        Assert.Empty(new Utf8Text(new string(' ', 64)).Split());
    }
}
