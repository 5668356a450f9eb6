using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class CsvSplitTests : IDisposable
{
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    /// <summary>Pieces that meet each other in every awkward way.</summary>
    private static Gen<string> Text => Gen.Frequency(
            (3, Gen.Elements(",", "\n", "\"", "\"\"")),
            (2, Gen.Elements("a", "1", " ", "\r", "\r\n")),
            (1, Gen.Elements("\"x\ny\"", "é", "some longer text than a vector", ",\"", "\",", "\"\n")))
        .ListOf().Select(parts => string.Concat(parts));

    [Fact]
    public void Read_AnyTextSplitAndBuffer_GivesTheRowsOfTheReference()
    {
        Gen<(string, int, int, bool)> cases = from text in Text
                                              from split in Gen.Choose(1, 60)
                                              from buffer in Gen.Choose(1, 60)
                                              from trims in Gen.Elements(true, false)
                                              select (text, split, buffer, trims);
        Config config = Config.QuickThrowOnFailure.WithMaxTest(400);
        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            (string text, int splitBytes, int bufferBytes, bool trims) = one;
            var dialect = new CsvDialect(new CsvOptions { HasHeader = false, TrimFields = trims, ColumnNames = ["a"] });
            var file = new SourceFile(_files.Write("any.csv", text), System.Text.Encoding.UTF8.GetByteCount(text));
            var rows = new List<string[]?>();
            foreach (FileSplit split in Splits(file, splitBytes, bufferBytes, dialect))
            {
                using var records = new CsvRecords(split, dialect, bufferBytes, CancellationToken.None);
                while (records.TryRead())
                {
                    bool isFaulty = records.Tokens.Fault != CsvFault.None;
                    rows.Add(isFaulty ? null
                        : [.. Enumerable.Range(0, records.Tokens.Fields.Length)
                            .Select(column => Field(records, column))]);
                }
            }

            Assert.Equal(ReferenceCsv.Rows(text, trims), rows);
        }).Check(config);

        static string Field(CsvRecords records, int column) =>
            System.Text.Encoding.UTF8.GetString(records.Field(column));
    }

    private static IEnumerable<FileSplit> Splits(SourceFile file, int splitBytes, int bufferBytes, CsvDialect dialect)
    {
        IReadOnlyList<long> wanted = FileSplitter.Borders(file.Bytes, splitBytes);
        return FileSplitter.FromStarts(file,
            CsvBorders.Find(file, wanted, dialect, CancellationToken.None, bufferBytes));
    }

    [Fact]
    public void Read_AnyTableAnySplit_GivesEqualRecordsAndErrors()
    {
        Gen<string> field = Gen.Elements("1", "22", "x", "\"3\"", "\"4\n\"", "");
        Gen<string> row = from first in field
                          from second in field
                          from extra in Gen.Frequency((9, Gen.Constant("")), (1, Gen.Constant(",9")))
                          from end in Gen.Elements("\n", "\r\n")
                          select $"{first},{second}{extra}{end}";
        Gen<(string, int)> cases = from rows in row.NonEmptyListOf()
                                   from split in Gen.Choose(1, 50)
                                   select ("a,b\n" + string.Concat(rows), split);
        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            string path = _files.Write("table.csv", one.Item1);
            var format = new CsvFormat<(int, double?)>(new CsvOptions { OnError = OnError.Skip });
            var skippedWhole = new SkippedRows(1000);
            var skippedSplit = new SkippedRows(1000);
            Assert.Equal(format.ReadAll(path, skipped: skippedWhole), format.ReadAll(path, one.Item2, skippedSplit));
            Assert.Equal(skippedWhole.Listed, skippedSplit.Listed);
            Assert.Equal(skippedWhole.Count, skippedSplit.Count);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Split_QuotedLineEndsAcrossEveryBorder_KeepsRecordsWhole()
    {
        string[][] rows = [.. Enumerable.Range(0, 200).Select(row => (string[])[$"{row}", $"line one\nline " +
            $"\"two\",\r\nof {row}"])];
        string path = _files.Write("quoted.csv", new CsvFormat<string[]>(new CsvOptions()).WriteAll(rows));
        for (int splitBytes = 1; splitBytes < 300; splitBytes += 7)
        {
            Assert.Equal(rows, new CsvFormat<string[]>(new CsvOptions()).ReadAll(path, splitBytes));
        }
    }

    [Fact]
    public void Split_SmallSplits_MakesAboutAsManyAsAsked()
    {
        var format = new CsvFormat<double[]>(new CsvOptions());
        IReadOnlyList<SourceFile> files = FileSplitter.Resolve([TempFiles.Sample("digits.csv")]);
        IReadOnlyList<FileSplit> splits = format.Split(files, 10_000, CancellationToken.None);
        Assert.Equal(28, splits.Count);
        Assert.Equal(files[0].Bytes, splits.Sum(split => split.LengthBytes));
        Assert.All(splits, split => Assert.InRange(split.LengthBytes, 8_500, 10_500));
    }

    [Fact]
    public void Split_ByteOrderMarkAndBlankLinesBeforeTheHeader_AreNoRows()
    {
        string path = _files.Write("marked.csv", "\uFEFF\n\r\na,b\n1,2\n\n3,4");
        var format = new CsvFormat<(int, int)>(new CsvOptions());
        for (int splitBytes = 1; splitBytes < 30; splitBytes++)
        {
            Assert.Equal([(1, 2), (3, 4)], format.ReadAll(path, splitBytes));
        }
    }

    [Fact]
    public void Split_QuotesOff_CutsAtLineEnds()
    {
        string path = _files.Write("raw.csv", "a\tb\n1\t5\" pipe\n2\t\"\n3\t\"\"x\n");
        var format = new CsvFormat<(int, string)>(new CsvOptions { Quote = null, Delimiter = '\t' });
        for (int splitBytes = 1; splitBytes < 30; splitBytes++)
        {
            Assert.Equal([(1, "5\" pipe"), (2, "\""), (3, "\"\"x")], format.ReadAll(path, splitBytes));
        }
    }

    [Fact]
    public void Split_Gzip_IsOneSplitWithTheSameRows()
    {
        byte[] plain = File.ReadAllBytes(TempFiles.Sample("wine.csv"));
        string path = _files.WriteGzip("wine.csv.gz", plain);
        var format = new CsvFormat<double[]>(new CsvOptions());
        Assert.Equal(format.ReadAll(TempFiles.Sample("wine.csv"), 1000), format.ReadAll(path, 1000));
    }

    [Theory]
    [InlineData("", "{0} is empty. Expected a header and at least one row behind it.")]
    [InlineData("a,b\n", "{0} has a header but no rows. Expected a header and at least one row behind it.")]
    [InlineData("\n\n", "{0} has a header but no rows. Expected a header and at least one row behind it.")]
    public void Split_NoRows_SaysSo(string content, string expected)
    {
        string path = _files.Write("empty.csv", content);
        EmptySourceException error = Assert.Throws<EmptySourceException>(() => new CsvFormat<(int,
            int)>(new CsvOptions()).ReadAll(path));
        Assert.Equal(
            string.Format(null, expected, path) + " Check that whatever writes the data has finished, and that the " +
                "path is right.",
            error.Message);
    }

    [Fact]
    public void Split_SomeFilesWithoutRows_AreFineAllAreNot()
    {
        _files.Write("1.csv", "a,b\n");
        _files.Write("2.csv", "");
        var format = new CsvFormat<(int, int)>(new CsvOptions());
        EmptySourceException error = Assert.Throws<EmptySourceException>(() => format.ReadAll(_files.Root));
        Assert.StartsWith($"None of the 2 files has a row; the first is {_files.PathOf("1.csv")}.", error.Message,
            StringComparison.Ordinal);
        _files.Write("3.csv", "a,b\n5,6\n");
        Assert.Equal([(5, 6)], format.ReadAll(_files.Root));
    }

    [Fact]
    public void Split_FilesWithColumnsInAnotherOrder_FollowTheirOwnHeaders()
    {
        _files.Write("1.csv", "x,y\n1,2\n");
        _files.Write("2.csv", "y,x\n4,3\n");
        Assert.Equal([new Point(1, 2), new Point(3, 4)], new CsvFormat<Point>(new CsvOptions()).ReadAll(_files.Root));
    }

    private sealed record Point(int X, int Y);
}
