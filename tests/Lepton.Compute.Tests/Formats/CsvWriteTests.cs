using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class CsvWriteTests : IDisposable
{
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    internal sealed record Row(string Text, string? Maybe, double Number, int? Count, char Letter, DateTime Time,
        TimeSpan Span);

    private static string Written<T>(IReadOnlyCollection<T> rows, CsvOptions? options = null) =>
        Encoding.UTF8.GetString(new CsvFormat<T>(options ?? new CsvOptions()).WriteAll(rows));

    private static Gen<string> Text => Gen.Elements("a", ",", ";", "\"", "'", "\n", "\r", " ", "\t", "NA", "\uFEFF",
        "é", "😀", "\0")
        .ListOf().Select(parts => string.Concat(parts));

    private static Gen<CsvOptions> Options => from delimiter in Gen.Elements(',', ';', '\t', ' ', '|')
                                              from quote in Gen.Elements('"', '\'')
                                              from hasHeader in Gen.Elements(true, false)
                                              from trims in Gen.Elements(true, false)
                                              select new CsvOptions
                                              {
                                                  Delimiter = delimiter,
                                                  Quote = quote,
                                                  HasHeader = hasHeader,
                                                  TrimFields = trims,
                                              };

    [Fact]
    public void Write_AnyRecords_ReadBackEqual()
    {
        Gen<Row> row = from text in Text
                       from maybe in Gen.OneOf(Text.Select(value => (string?)value), Gen.Constant((string?)null))
                       from number in ArbMap.Default.GeneratorFor<double>()
                       from count in ArbMap.Default.GeneratorFor<int?>()
                       from letter in Gen.Elements('a', ',', '"', ' ', '\n', 'é')
                       from ticks in Gen.Choose(0, int.MaxValue)
                       select new Row(text, maybe, number, count, letter,
                           new DateTime(ticks * 100_000_007L, DateTimeKind.Utc), new TimeSpan(-ticks));
        Gen<(Row[], CsvOptions, int)> cases = from rows in row.NonEmptyListOf()
                                              from options in Options
                                              from split in Gen.Choose(1, 200)
                                              select (rows.ToArray(), options, split);
        Prop.ForAll(cases.ToArbitrary(), one => AssertReadBack(one.Item1, one.Item2, one.Item3))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void Write_AnyTables_ReadBackEqual()
    {
        Gen<(string[][], CsvOptions, int)> cases = from columns in Gen.Choose(1, 4)
                                                   from rows in Text.ArrayOf(columns).NonEmptyListOf()
                                                   from options in Options
                                                   from split in Gen.Choose(1, 100)
                                                   select (rows.ToArray(), options, split);
        Prop.ForAll(cases.ToArbitrary(), one => AssertReadBack(one.Item1, one.Item2, one.Item3))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    [Fact]
    public void Write_AnyScalars_ReadBackEqual()
    {
        Prop.ForAll((from rows in Text.NonEmptyListOf() select rows.ToArray())
            .ToArbitrary(), rows => AssertReadBack(rows, new CsvOptions(), 10))
            .QuickCheckThrowOnFailure();
        Prop.ForAll(ArbMap.Default.GeneratorFor<double?>().NonEmptyListOf().Select(rows => rows.ToArray())
            .ToArbitrary(),
            rows => AssertReadBack(rows, new CsvOptions(), 10)).QuickCheckThrowOnFailure();
        Prop.ForAll(ArbMap.Default.GeneratorFor<(float, decimal, Guid)>().NonEmptyListOf()
            .Select(rows => rows.ToArray()).ToArbitrary(),
            rows => AssertReadBack(rows, new CsvOptions(), 10)).QuickCheckThrowOnFailure();
    }

    private void AssertReadBack<T>(T[] rows, CsvOptions options, int splitBytes)
    {
        var format = new CsvFormat<T>(options);
        string path = _files.Write("rows.csv", format.WriteAll(rows));
        Assert.Equal(rows, format.ReadAll(path, splitBytes));
    }

    [Fact]
    public void Write_Records_QuotesOnlyWhereNeeded() => Assert.Equal(
        "Text,Maybe,Number,Count,Letter,Time,Span\n" +
        "plain,,0.1,,x,2026-01-31T00:00:00.0000000Z,1.00:00:00\n" +
        "\"a,b\",\"NA\",NaN,7,\",\",0001-01-01T00:00:00.0000000,00:00:00\n" +
        "\"say \"\"hi\"\"\",\"\",-Infinity,-7,\"\"\"\",0001-01-01T00:00:00.0000000,-00:00:01\n",
        Written<Row>(
        [
            new("plain", null, 0.1, null, 'x', new DateTime(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc),
                TimeSpan.FromDays(1)),
            new("a,b", "NA", double.NaN, 7, ',', default, default),
            new("say \"hi\"", "", double.NegativeInfinity, -7, '"', default, TimeSpan.FromSeconds(-1)),
        ]));

    [Fact]
    public void Write_TuplesArraysAndScalars_HaveNamedColumns()
    {
        Assert.Equal("Item1,Item2\n1,a\n", Written([(1, "a")]));
        Assert.Equal("column_1,column_2\n1,2.5\n", Written<double[]>([[1, 2.5]]));
        Assert.Equal("value\n1\n", Written([1]));
        CsvOptions named = new() { ColumnNames = ["x", "y"] };
        Assert.Equal("x,y\n1,a\n", Written([(1, "a")], named));
        Assert.Equal("x,y\n1,2.5\n", Written<double[]>([[1, 2.5]], named));
        Assert.Equal("1\n2\n", Written([1, 2], new CsvOptions { HasHeader = false }));
        Assert.Equal("1\n2\n3\n4\n5\n6\n7\n8\n".Replace('\n', ',').TrimEnd(',') + "\n",
            Written([(1, 2, 3, 4, 5, 6, 7, 8)], new CsvOptions { HasHeader = false }));
    }

    [Fact]
    public void Write_NoRows_StillHasTheHeader()
    {
        Assert.Equal("Text,Maybe,Number,Count,Letter,Time,Span\n", Written<Row>([]));
        Assert.Equal("", Written<double[]>([]));
        Assert.Equal("", Written<int>([], new CsvOptions { HasHeader = false }));
    }

    [Fact]
    public void Write_LoneEmptyField_IsNoBlankLine()
    {
        Assert.Equal("value\n\"\"\n", Written([""]));
        Assert.Equal("value\n\"\"\n1\n", Written<int?>([null, 1]));
    }

    private sealed record Lone(string? Text);

    [Fact]
    public void Write_LoneNull_NeedsAVisibleMissingValue()
    {
        AssertReadBack([new Lone(null), new Lone(""), new Lone("NA")], new CsvOptions(), 1);
        Assert.Equal("Text\nNA\n\"\"\n\"NA\"\n", Written([new Lone(null), new Lone(""), new Lone("NA")]));
        Assert.Equal(
            "Row 2 can't be written as CSV: field 1 is null, and CsvOptions.MissingValues has no text for that. Add " +
            "one, such as \"NA\".",
            Refused([new Lone("a"), new Lone(null)], new CsvOptions { MissingValues = [""] }));
    }

    [Fact]
    public void Write_WhatCannotBeReadBack_IsRefused()
    {
        Assert.Equal(
            "Row 1 can't be written as CSV: field 2, 'a\\nb', holds a delimiter or line end, would be trimmed, or " +
            "would be taken for a missing value or an empty line, and CsvOptions.Quote is null. Set a quote, or " +
            "another delimiter.",
            Refused([(1, "a\nb")], new CsvOptions { Quote = null }));
        Assert.Equal(
            "Row 2 can't be written as CSV: it has 1 elements, but the first row or CsvOptions.ColumnNames has 2. " +
            "All rows of a file must have as many; write JSON lines where they differ.",
            Refused<int[]>([[1, 2], [3]], new CsvOptions()));
        Assert.Equal("Row 1 can't be written as CSV: it has no elements. Leave it out.",
            Refused<int[]>([[]], new CsvOptions()));
        Assert.Equal("Row 1 can't be written as CSV: it is null. Leave it out.",
            Refused<Lone>([null!], new CsvOptions()));
    }

    private static string Refused<T>(T[] rows, CsvOptions options) => Assert.Throws<UnwritableRecordException>(
        () => new CsvFormat<T>(options).Write(Stream.Null, rows, CancellationToken.None)).Message;

    [Fact]
    public void Write_Cancelled_Stops()
    {
        using var cancel = new CancellationTokenSource();
        int taken = 0;
        IEnumerable<int> Rows()
        {
            for (int row = 0; ; row++)
            {
                taken++;
                if (row == 100)
                {
                    cancel.Cancel();
                }

                yield return row;
            }
        }

        Assert.Throws<OperationCanceledException>(() => new CsvFormat<int>(new CsvOptions())
            .Write(Stream.Null, Rows(), cancel.Token));
        Assert.InRange(taken, 100, 2000);
    }
}
