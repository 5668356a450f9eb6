using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class JsonLinesTests : IDisposable
{
    private const string Advice = "Correct the row, or read with OnError = OnError.Skip to leave out such rows and " +
        "have them listed.";
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    internal sealed record Row(int Id, string Name, double Score, Inner? Inner = null, int[]? Numbers = null);

    internal sealed record Inner(DayOfWeek Day, DateTime At);

    internal sealed record Share
    {
        private readonly double _part;

        public Share(string name) => Name = name.Length > 0 ? name
            : throw new ArgumentException("A share needs a name.", nameof(name));

        public string Name { get; }

        public double Part
        {
            get => _part;
            init
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1);
                _part = value;
            }
        }
    }

    internal sealed record Unreadable(int Id, IDisposable Resource);

    private List<T> Read<T>(string content, JsonLinesOptions? options = null, SkippedRows? skipped = null) =>
        new JsonLinesFormat<T>(options ?? new JsonLinesOptions())
            .ReadAll(_files.Write("rows.jsonl", content), 10, skipped);

    private string Message(string line)
    {
        MalformedRowException error = Assert.Throws<MalformedRowException>(
            () => Read<Row>($"{{\"id\":1,\"name\":\"a\",\"score\":1}}\n\n{line}\n"));
        Assert.Equal(3, error.Error.Line);
        return error.Message;
    }

    [Fact]
    public void Read_Lines_IgnoresCaseAndBlankLines()
    {
        List<Row> rows = Read<Row>("{\"Id\":1,\"name\":\"a\",\"SCORE\":1.5}\r\n " +
            "\n{\"id\":2,\"name\":\"b\",\"score\":\"NaN\",\"extra\":[1,2]," +
            "\"inner\":{\"day\":\"Monday\",\"at\":\"2026-01-31T00:00:00Z\"}}");
        Assert.Equal([
            new Row(1, "a", 1.5),
            new Row(2, "b", double.NaN,
                new Inner(DayOfWeek.Monday, new DateTime(2026, 1, 31, 0, 0, 0, DateTimeKind.Utc))),
        ], rows);
    }

    [Fact]
    public void Read_WrongType_NamesLineAndPath()
    {
        string line = "{\"id\":1,\"name\":\"a name that makes the line long\",\"score\":1," +
            "\"inner\":{\"day\":\"Someday\",\"at\":\"2026-01-31\"}}";
        string message = Message(line);
        Assert.StartsWith($"{_files.PathOf("rows.jsonl")}, line 3, column '$.inner.day': The JSON value could not be " +
            "converted to ",
            message, StringComparison.Ordinal);
        Assert.EndsWith($": '{line[..80]}…'. Expected one JSON value (Row) on the line. {Advice}", message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"id\":1,\"name\":\"a\"}", "score")]
    [InlineData("{\"id\":1,\"name\":null,\"score\":1}", "name")]
    [InlineData("{\"id\":1,\"name\":\"a\",\"score\":1} {}", "'}' is invalid|'{' is invalid")]
    [InlineData("{\"id\":1,", "Expected")]
    [InlineData("null", "the value is null")]
    public void Read_BrokenLine_SaysWhatIsWrong(string line, string part)
    {
        string message = Message(line);
        Assert.Matches(part, message);
        Assert.DoesNotContain("LineNumber", message, StringComparison.Ordinal);
        Assert.EndsWith(Advice, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RecordRefusesTheRow_NamesTheLineOrSkipsIt()
    {
        const string content = "{\"name\":\"a\",\"part\":0.5}\n{\"name\":\"\"}\n{\"name\":\"b\",\"part\":2}\n";
        MalformedRowException error = Assert.Throws<MalformedRowException>(() => Read<Share>(content));
        Assert.Equal(
            $"{_files.PathOf("rows.jsonl")}, line 2: Share can't be made of it: ArgumentException: A share needs a " +
            $"name. (Parameter 'name'): '{{\"name\":\"\"}}'. Expected one JSON value (Share) on the line. {Advice}",
            error.Message);
        Assert.IsType<ArgumentException>(error.InnerException);
        var skipped = new SkippedRows(5);
        Share row = Assert.Single(Read<Share>(content, new JsonLinesOptions { OnError = OnError.Skip }, skipped));
        Assert.Equal("a", row.Name);
        Assert.Equal([2L, 3L], skipped.Listed.Select(row => row.Line));
    }

    [Fact]
    public void Read_TypeThatJsonCannotMake_IsNoFaultOfARow() => Assert.Throws<NotSupportedException>(() =>
        Read<Unreadable>("{\"id\":1,\"resource\":{}}\n", new JsonLinesOptions { OnError = OnError.Skip }));

    [Fact]
    public void Read_SkippingErrors_CountsAndLists()
    {
        var skipped = new SkippedRows(1);
        List<int> rows = Read<int>("1\nx\n2\n[]\n", new JsonLinesOptions { OnError = OnError.Skip }, skipped);
        Assert.Equal([1, 2], rows);
        Assert.Equal(2, skipped.Count);
        RowError listed = Assert.Single(skipped.Listed);
        Assert.Equal((2L, "x", "one JSON value (Int32) on the line"), (listed.Line, listed.Value, listed.Expected));
    }

    [Fact]
    public void Write_AnyRecords_ReadBackEqual()
    {
        Gen<string> text = Gen.Elements("a", "\"", "\n", "\r", "\\", "é", "😀", "\u2028", "\0", "<").ListOf()
            .Select(parts => string.Concat(parts));
        Gen<(int, string, double, DayOfWeek?, Utf8Text)> row = from id in ArbMap.Default.GeneratorFor<int>()
                                                               from name in text
                                                               from score in ArbMap.Default.GeneratorFor<double>()
                                                               from day in ArbMap.Default.GeneratorFor<DayOfWeek?>()
                                                               from bytes in text
                                                               select (id, name, score, day, new Utf8Text(bytes));
        Prop.ForAll(row.ListOf().Select(rows => rows.ToArray()).ToArbitrary(), rows =>
        {
            var format = new JsonLinesFormat<(int, string, double, DayOfWeek?, Utf8Text)>(new JsonLinesOptions());
            string path = _files.Write("rows.jsonl", format.WriteAll(rows));
            Assert.Equal(rows.Length, File.ReadAllBytes(path).Count(value => value == '\n'));
            Assert.Equal(rows, format.ReadAll(path, 13));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Write_Records_AreCamelCase()
    {
        byte[] written = new JsonLinesFormat<Row>(new JsonLinesOptions())
            .WriteAll([new Row(1, "a", double.NaN, null, [1, 2])]);
        Assert.Equal("{\"id\":1,\"name\":\"a\",\"score\":\"NaN\",\"inner\":null,\"numbers\":[1,2]}\n",
            Encoding.UTF8.GetString(written));
    }

    [Fact]
    public void Write_NullRow_IsRefused() => Assert.Equal(
        "Row 1 can't be written as a JSON line: it is null. Leave it out.",
        Assert.Throws<UnwritableRecordException>(
            () =>
                new JsonLinesFormat<Row>(new JsonLinesOptions())
                    .Write(Stream.Null, [null!], CancellationToken.None)).Message);

    [Fact]
    public void Validate_NegativeList_IsRefused() => Assert.Equal(
        "JsonLinesOptions can't be used: SkippedRowsListedMax is -1, but must be 0 or more.",
        Assert.Throws<ArgumentException>(
            () => new JsonLinesFormat<int>(new JsonLinesOptions { SkippedRowsListedMax = -1 })).Message);
}
