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
    [InlineData(Utf8Words.RoomMin)]
    [InlineData(Utf8Words.RoomMin + 1)]
    [InlineData(3000)]
    public void Read_AnyRoom_GoesOnWhereItStopped(int room)
    {
        // Also words of one byte, of which a block holds the most, and one that is longer than several.
        string[] expected = [.. Enumerable.Range(0, 500).Select(i => i % 100 < 50 ? "x" : $"{i}"), new('y', 300), "z"];
        byte[] chunk = Encoding.UTF8.GetBytes($"  {string.Join(' ', expected)}  ");
        var slices = new TextSlice[room];
        var found = new List<string>();
        Utf8Words words = new Utf8Text(chunk).Slice(1, chunk.Length - 3).Words();
        for (int count = words.Read(slices); count > 0; count = words.Read(slices))
        {
            found.AddRange(slices.Take(count)
                .Select(word => Encoding.UTF8.GetString(chunk, word.Start, word.End - word.Start)));
        }

        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData("\u2003")]
    [InlineData("\u00a0")]
    public void Split_WideSpaceAtAnyPlace_EndsTheWord(string space)
    {
        // Across the borders of blocks, and at the text's and the chunk's end.
        for (int before = 1; before < 140; before++)
        {
            var text = new Utf8Text(new string('a', before) + space + "b" + space);
            Assert.Equal([before, 1], text.Split().Select(word => word.Length));
            int spaceBytes = Encoding.UTF8.GetByteCount(space);
            Assert.Equal([before], text.Slice(0, before + spaceBytes).Split().Select(word => word.Length));
            Assert.Equal(
                [before + spaceBytes - 1],
                text.Slice(0, before + spaceBytes - 1).Split().Select(word => word.Length));
        }
    }

    [Fact]
    public void Split_NoWords_GivesNone()
    {
        Assert.Empty(default(Utf8Text).Split());
        Assert.Empty(new Utf8Text(new string(' ', 64)).Split());
    }
}
