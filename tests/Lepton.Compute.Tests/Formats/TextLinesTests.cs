using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class TextLinesTests : IDisposable
{
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    private static List<string> Lines(string path, long splitBytes = 1L << 40,
        int bufferBytes = SplitBuffer.DefaultBytes) =>
        [.. FileSplitter.Split(FileSplitter.Resolve([path]), splitBytes)
            .SelectMany(split => TextLines.ReadLines(split, bufferBytes, CancellationToken.None))];

    /// <summary>What reading lines means, told plainly.</summary>
    private static List<string> Expected(byte[] content)
    {
        byte[] text = content.AsSpan().StartsWith("\uFEFF"u8) ? content[3..] : content;
        var lines = new List<string>();
        var line = new List<byte>();
        foreach (byte value in text)
        {
            if (value != '\n')
            {
                line.Add(value);
                continue;
            }

            if (line.Count > 0 && line[^1] == '\r')
            {
                line.RemoveAt(line.Count - 1);
            }

            lines.Add(Encoding.UTF8.GetString([.. line]));
            line.Clear();
        }

        if (line.Count > 0)
        {
            lines.Add(Encoding.UTF8.GetString([.. line]));
        }

        return lines;
    }

    [Fact]
    public void ReadLines_AnyContentSplitAndBuffer_GivesEachLineOnce()
    {
        Gen<byte[]> content = Gen.OneOf(
                Gen.Elements("\n"u8.ToArray(), "\r\n"u8.ToArray(), "\r"u8.ToArray(), "é"u8.ToArray(), [(byte)0xFF],
                    [(byte)0xC3]),
                Gen.Elements("a"u8.ToArray(), "word "u8.ToArray(), "\uFEFF"u8.ToArray()))
            .ListOf().Select(parts => parts.SelectMany(part => part).ToArray());
        Gen<(byte[], int, int)> cases = from bytes in content
                                        from split in Gen.Choose(1, 40)
                                        from buffer in Gen.Choose(1, 40)
                                        select (bytes, split, buffer);
        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            (byte[] bytes, int split, int buffer) = one;
            string path = _files.Write("text", bytes);
            List<string> expected = Expected(bytes);
            Assert.Equal(expected, Lines(path, split, buffer));
            Assert.Equal(expected, FileSplitter.Split(FileSplitter.Resolve([path]), split)
                .SelectMany(part => TextLines.ReadUtf8Lines(part, buffer, CancellationToken.None))
                .ToList().ConvertAll(line => line.ToString()));

            // Several lines in one text: what lies between the first and the last is the file's.
            IReadOnlyList<FileSplit> parts = FileSplitter.Split(FileSplitter.Resolve([path]), split);
            CancellationToken none = CancellationToken.None;
            Assert.Equal(
                expected.SelectMany(Words),
                parts.SelectMany(part => TextLines.ReadUtf8Runs(part, buffer, keepsChunks: true, none))
                    .ToList().SelectMany(run => Words(run.ToString())));
            Assert.Equal(
                expected.SelectMany(Words),
                parts.SelectMany(part => TextLines.ReadUtf8Runs(part, buffer, keepsChunks: false, none))
                    .SelectMany(run => Words(run.ToString())));
        }).QuickCheckThrowOnFailure();

        static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    [Fact]
    public void ReadLines_SplitOfOneByteAtEveryPlace_OwnsTheLinesThatStartThere()
    {
        byte[] content = "\uFEFFone\n\ntwo\r\nlast"u8.ToArray();
        string path = _files.Write("text", content);
        var lines = new List<string>();
        for (int at = 0; at < content.Length; at++)
        {
            lines.AddRange(TextLines.ReadLines(new FileSplit(path, at, 1, false), CancellationToken.None));
        }

        Assert.Equal(["one", "", "two", "last"], lines);
    }

    [Fact]
    public void ReadLines_LineMuchLongerThanTheBuffer_IsWhole()
    {
        string line = new('x', 3_000_000);
        string path = _files.Write("text", $"a\n{line}\nb");
        Assert.Equal(["a", line, "b"], Lines(path, splitBytes: 100_000, bufferBytes: 64));
    }

    [Fact]
    public void ReadLines_InvalidUtf8_BecomesTheReplacementCharacter()
    {
        string path = _files.Write("text", [(byte)'a', 0xFF, (byte)'b', (byte)'\n']);
        Assert.Equal(["a\uFFFDb"], Lines(path));
    }

    [Fact]
    public void ReadLines_BibleByAnySplits_IsTheSameText()
    {
        using var gzip = new System.IO.Compression.GZipStream(
            File.OpenRead(TempFiles.Sample("kjv.txt.gz")), System.IO.Compression.CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        string path = _files.Write("kjv.txt", plain.ToArray());
        string[] expected = File.ReadAllLines(path);
        Assert.Equal(73_811, expected.Length);
        Assert.Equal(expected, Lines(path, splitBytes: 100_003));
        Assert.Equal(expected, Lines(TempFiles.Sample("kjv.txt.gz"), splitBytes: 1000));
    }

    [Fact]
    public void ReadLines_Utf16_IsRefused()
    {
        string path = _files.Write("text", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("a\n"))
            .ToArray());
        UnreadableFileException error = Assert.Throws<UnreadableFileException>(() => Lines(path));
        Assert.Equal(
            $"{path} is UTF-16, but only UTF-8 is read. Save it as UTF-8, for example with 'iconv -f UTF-16 -t UTF-8'.",
            error.Message);
    }

    [Fact]
    public void ReadLines_BibleCutInTheMiddle_NamesThePlace()
    {
        byte[] whole = File.ReadAllBytes(TempFiles.Sample("kjv.txt.gz"));
        string path = _files.Write("cut.txt.gz", whole[..(whole.Length / 2)]);
        UnreadableFileException error = Assert.Throws<UnreadableFileException>(() => Lines(path));
        Assert.Matches("[.] 2[0-9]{6} bytes could be decompressed[.]", error.Message);
    }

    [Fact]
    public void ReadLines_GzipOfSeveralMembers_GivesThemAll()
    {
        byte[] one = File.ReadAllBytes(_files.WriteGzip("1.gz", "a\nb"u8.ToArray()));
        byte[] two = File.ReadAllBytes(_files.WriteGzip("2.gz", "c\nd\n"u8.ToArray()));
        Assert.Equal(["a", "bc", "d"], Lines(_files.Write("both.gz", [.. one, .. two])));
        UnreadableFileException error = Assert.Throws<UnreadableFileException>(() => Lines(_files.Write("tail.gz",
            [.. one, 1, 2])));
        Assert.Contains("it was cut off there, or other bytes follow its end", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadLines_PlainFileNamedGzip_IsRefused()
    {
        string path = _files.Write("text.gz", "no gzip at all");
        UnreadableFileException error = Assert.Throws<UnreadableFileException>(() => Lines(path));
        Assert.StartsWith($"{path} is a truncated or corrupt gzip file: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadLines_FileGoneOrShorterThanPlanned_SaysWhatChanged()
    {
        string path = _files.Write("text", "a\nb\n");
        FileSplit planned = FileSplitter.Split(FileSplitter.Resolve([path]), 100)[0];
        File.WriteAllText(path, "a");
        UnreadableFileException shorter = Assert.Throws<UnreadableFileException>(
            () => TextLines.ReadLines(planned, CancellationToken.None).Count());
        Assert.Equal(
            $"{path} has 1 bytes, but had at least 4 when the job was planned: it was changed meanwhile. Read it " +
            "as a new data set when it is complete: a data set keeps the lengths that files had at its first action.",
            shorter.Message);
        File.Delete(path);
        SourceNotFoundException gone = Assert.Throws<SourceNotFoundException>(
            () => TextLines.ReadLines(planned, CancellationToken.None).Count());
        Assert.Equal(
            $"There is no file {path} any more: it was there when the job was planned. Put it back, or start the job " +
            "again without it.",
            gone.Message);
    }

    [Fact]
    public void SplitBuffer_LineLongerThanItsBound_IsRefused()
    {
        string path = _files.Write("text", new string('x', 100));
        var split = new FileSplit(path, 0, 100, false);
        using var buffer = new SplitBuffer(split, 16, keepsChunks: false, CancellationToken.None, recordBytesMax: 40);
        UnreadableFileException error = Assert.Throws<UnreadableFileException>(() =>
        {
            while (buffer.Fill())
            {
                // Nothing is taken, so the buffer must grow.
            }
        });
        Assert.Equal(
            $"{path} has a line or record of more than 40 bytes from byte 0 on. Is it a text file with line ends, " +
            "and is every quote closed?", error.Message);
    }

    [Fact]
    public void ReadLines_Cancelled_Stops()
    {
        string path = _files.Write("text", "a\nb\n");
        var split = new FileSplit(path, 0, 4, false);
        Assert.Throws<OperationCanceledException>(() => TextLines.ReadLines(split,
            new CancellationToken(canceled: true)).Count());
    }

    [Fact]
    public void Write_AnyLines_ReadBackEqual()
    {
        Gen<string[]> lines = Gen.Elements("a", "é", " ", "\uFEFF", "\r", "\"", "\t", "😀").ListOf()
            .Select(parts => string.Concat(parts).TrimEnd('\r')).ListOf().Select(list => list.ToArray());
        Prop.ForAll(lines.ToArbitrary(), rows =>
        {
            string path = _files.Write("text", new TextFormat().WriteAll(rows));
            Assert.Equal(rows, Lines(path, 7));
            Utf8Text[] texts = [.. rows.Select(row => new Utf8Text(row))];
            Assert.Equal(File.ReadAllBytes(path), new Utf8TextFormat().WriteAll(texts));
            Assert.Equal(texts, new Utf8TextFormat().ReadAll(path, 7));
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("a\nb", "'a\\nb' holds a line end. Split it into lines first, or write CSV or JSON lines.")]
    [InlineData("a\r", "'a\\r' holds a line end. Split it into lines first, or write CSV or JSON lines.")]
    [InlineData(null, "it is null. Leave it out, or write an empty string.")]
    public void Write_LineThatCannotBeReadBack_IsRefused(string? line, string reason)
    {
        UnwritableRecordException error = Assert.Throws<UnwritableRecordException>(
            () => new TextFormat().Write(Stream.Null, ["fine", line!], CancellationToken.None));
        Assert.Equal($"Row 2 can't be written as a text line: {reason}", error.Message);
        Assert.Equal(2, error.Row);
    }

    [Fact]
    public void Utf8Text_ComparedAndCut_BehavesAsItsBytes()
    {
        var text = new Utf8Text("héllo");
        Assert.Equal(6, text.Length);
        Assert.Equal("llo", text.Slice(3, 3).ToString());
        Assert.Equal(new Utf8Text("llo"), text.Slice(3, 3));
        Assert.Equal(new Utf8Text("llo").GetHashCode(), text.Slice(3, 3).GetHashCode());
        Assert.True(new Utf8Text("a") < new Utf8Text("b"));
        Assert.True(new Utf8Text("a") < new Utf8Text("aa"));
        Assert.True(new Utf8Text("~") < new Utf8Text("é"));
        Assert.True(default == new Utf8Text(""));
        Assert.True(default(Utf8Text).IsEmpty);
        Assert.Equal("", default(Utf8Text).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => text.Slice(4, 3));
        Assert.Equal(text, text.ToOwned());
    }
}
