using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class CsvErrorTests : IDisposable
{
    private const string Advice = "Correct the row, or read with OnError = OnError.Skip to leave out such rows and " +
        "have them listed.";
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    private sealed record Row(int Id, double Score, DayOfWeek Day);

    private sealed record Strict(int Id)
    {
        public int Id { get; } = Id > 0 ? Id : throw new ArgumentException("Id must be positive");
    }

    private abstract record Abstract(int A);

    private sealed record Nested(int A, Row Inner);

    private sealed class NoWay(int a)
    {
        public int Other => a;
    }

    private sealed record Twice([CsvColumn("X")] int A, int X);

    private string Path => _files.PathOf("rows.csv");

    private List<T> Read<T>(string content, CsvOptions? options = null, long splitBytes = 1L << 40,
        SkippedRows? skipped = null) =>
        new CsvFormat<T>(options ?? new CsvOptions()).ReadAll(_files.Write("rows.csv", content), splitBytes, skipped);

    private string Message<T>(string content, CsvOptions? options = null, long splitBytes = 1L << 40) =>
        Assert.Throws<MalformedRowException>(() => Read<T>(content, options, splitBytes)).Message;

    [Theory]
    [InlineData("x,1,Monday", "column 'id': can't read: 'x'. Expected a whole number from -2147483648 to 2147483647 " +
        "(int).")]
    [InlineData("3000000000,1,Monday", "column 'id': can't read: '3000000000'. Expected a whole number from " +
        "-2147483648 to 2147483647 (int).")]
    [InlineData("1,one,Monday", "column 'score': can't read: 'one'. Expected a number (double).")]
    [InlineData("1,,Monday", "column 'score': the value is missing: ''. Expected a number (double).")]
    [InlineData("1,NA,Monday", "column 'score': the value is missing: 'NA'. Expected a number (double).")]
    [InlineData("1,2,Someday", "column 'day': can't read: 'Someday'. Expected one of Sunday, Monday, Tuesday, " +
        "Wednesday, Thursday, Friday, Saturday (DayOfWeek).")]
    [InlineData("1,2,9", "column 'day': can't read: '9'. Expected one of Sunday, Monday, Tuesday, Wednesday, " +
        "Thursday, Friday, Saturday (DayOfWeek).")]
    public void Read_BadField_NamesFileLineColumnValueAndType(string row, string expected)
    {
        string content = $"id,score,day\n1,2,Monday\n\n{row}\n1,2,Monday\n";
        Assert.Equal($"{Path}, line 4, {expected} {Advice}", Message<Row>(content));
        Assert.Equal($"{Path}, line 4, {expected} {Advice}", Message<Row>(content, splitBytes: 5));
    }

    [Fact]
    public void Read_BadRow_CarriesItsParts()
    {
        MalformedRowException error = Assert.Throws<MalformedRowException>(
            () => Read<Row>("id,score,day\n1,?,Monday\n"));
        Assert.Equal(new RowError(Path, 2, "score", "?", "a number (double)", "can't read"), error.Error);
    }

    [Fact]
    public void Read_LineBehindQuotedLineEnds_IsThatOfTheFile()
    {
        string message = Message<(string, int)>("a,b\n\"x\ny\r\nz\",1\nw,bad\n", splitBytes: 4);
        Assert.StartsWith($"{Path}, line 5, column 'b': can't read: 'bad'.", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,2", "the row has 2 fields: '1,2'")]
    [InlineData("1,2,Monday,4", "the row has 4 fields: '1,2,Monday,4'")]
    public void Read_RaggedRow_SaysHowManyFields(string row, string expected) => Assert.Equal(
        $"{Path}, line 2: {expected}. Expected 3 fields (id, score, day). {Advice}",
        Message<Row>($"id,score,day\n{row}\n"));

    [Fact]
    public void Read_UnclosedQuote_NamesWhereItOpened() => Assert.Equal(
        $"{Path}, line 3, column 'b': the quote that opens the field is never closed: '\"4\\n5,6\\n'. Expected a " +
        "closing quote before the " +
        $"file ends. {Advice}", Message<(string, string)>("a,b\n1,2\n3,\"4\n5,6\n", splitBytes: 3));

    [Fact]
    public void Read_TextBehindQuote_ShowsTheField() => Assert.Equal(
        $"{Path}, line 2, column 'a': text follows the closing quote: '\"1\"2'. Expected a delimiter or line end " +
        "behind a closing quote, " +
        $"and quotes within a field doubled. {Advice}", Message<(string, string)>("a,b\n\"1\"2,3\n"));

    [Fact]
    public void Read_BrokenHeader_IsReported() => Assert.Equal(
        $"{Path}, line 1, column 'header 2': the quote that opens the field is never closed: '\"b\\n1,2\\n'. " +
        $"Expected a closing quote before the file ends. {Advice}", Message<(string, string)>("a,\"b\n1,2\n"));

    [Fact]
    public void Read_LongValue_IsCut()
    {
        string message = Message<int>($"a\n{new string('x', 81)}\n");
        Assert.Contains($"'{new string('x', 80)}…'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithoutHeaderNames_GivesColumnNumbers() => Assert.StartsWith(
        $"{Path}, line 1, column '2': can't read: " +
        $"'x'.", Message<(int, int)>("1,x\n", new CsvOptions { HasHeader = false }),
        StringComparison.Ordinal);

    [Fact]
    public void Read_SkippingErrors_CountsAllAndListsTheFirst()
    {
        var skipped = new SkippedRows(listedMax: 2);
        string content = "id,score,day\n1,x,Monday\n1,2,Monday\n1\n\"1\"2,3,Monday\n2,3,Friday\n1,\"";
        List<Row> rows = Read<Row>(content, new CsvOptions { OnError = OnError.Skip }, skipped: skipped);
        Assert.Equal([new Row(1, 2, DayOfWeek.Monday), new Row(2, 3, DayOfWeek.Friday)], rows);
        Assert.Equal(4, skipped.Count);
        Assert.Equal(
            [
                new RowError(Path, 2, "score", "x", "a number (double)", "can't read"),
                new RowError(Path, 4, null, "1", "3 fields (id, score, day)", "the row has 1 fields"),
            ],
            skipped.Listed);
    }

    [Fact]
    public void Read_BadRowInGzip_HasItsLine()
    {
        string path = _files.WriteGzip("rows.csv.gz", "a\n1\n2\nx\n"u8.ToArray());
        MalformedRowException error = Assert.Throws<MalformedRowException>(() => new CsvFormat<int>(new CsvOptions())
            .ReadAll(path));
        Assert.Equal(4, error.Error.Line);
    }

    [Fact]
    public void Read_ConstructorThatRefuses_ThrowsAsItDid()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Read<Strict>("id\n-1\n"));
        Assert.Equal("Id must be positive", error.Message);

        // A row that can't be read never reaches the constructor.
        Assert.Equal("id", Assert.Throws<MalformedRowException>(() => Read<Strict>("id\nx\n")).Error.Column);
    }

    [Fact]
    public void Split_MissingColumns_AreAllNamedWithTheNearest()
    {
        MissingColumnException error = Assert.Throws<MissingColumnException>(
            () => Read<Row>("idd,scor,weather\n1,2,3\n"));
        Assert.Equal(
            $"{Path} has no column for 'Id' (the nearest is 'idd'), 'Score' (the nearest is 'scor'), 'Day' of Row. " +
            "Its columns are: idd, scor, weather. Rename the member, put [CsvColumn(\"name\")] on it, or give it a " +
            "default value.",
            error.Message);
        Assert.Equal(["Id", "Score", "Day"], error.Missing);
        Assert.Equal(["idd", "scor", "weather"], error.Columns);
    }

    [Fact]
    public void Split_DuplicateHeader_NamesTheColumns() => Assert.Equal(
        $"{Path} has the column 'id' more than once: columns 1 and 3. Rename them in the header, or read the rows as " +
        "arrays or tuples.",
        Assert.Throws<AmbiguousColumnException>(() => Read<Row>("id,score,id,day\n1,2,3,Monday\n")).Message);

    [Fact]
    public void Split_SeveralColumnsFit_AsksForTheExactName() => Assert.Equal(
        $"{Path} has several columns that fit Id: 'i_d', 'i-d'. Put [CsvColumn(\"name\")] with the exact name on it.",
        Assert.Throws<AmbiguousColumnException>(() => Read<Row>("i_d,i-d,score,day\n1,2,3,Monday\n")).Message);

    [Fact]
    public void Split_OtherNumberOfColumns_IsRefusedByPosition()
    {
        Assert.Equal(
            $"{Path} has 3 columns, but ValueTuple`2 takes 2 by position (Item1, Item2). Use a tuple with as many " +
            "items, a record with the columns you need, or check the delimiter.",
            Assert.Throws<ColumnCountException>(() => Read<(int, int)>("a,b,c\n1,2,3\n")).Message);
        Assert.Equal(
            $"{Path} has 1 columns, but Row takes 3 by position (Id, Score, Day). Name the columns with " +
            "CsvOptions.ColumnNames, or check the delimiter.",
            Assert.Throws<ColumnCountException>(() => Read<Row>("1;2;Monday\n",
                new CsvOptions { HasHeader = false })).Message);
        Assert.Equal(
            $"{Path} has 2 columns, but Int32 takes 1 by position (value). Use a record with the columns you need, " +
            "an array, or check the delimiter.",
            Assert.Throws<ColumnCountException>(() => Read<int>("a,b\n1,2\n")).Message);
    }

    [Fact]
    public void Format_TypeThatFieldsCannotHold_IsRefused()
    {
        Assert.Equal(
            $"Nested.Inner can't be read from or written to CSV: it is a Row, but fields hold only " +
            $"{FieldCodecs.SupportedTypes}. Put [CsvIgnore] on a property to leave it out.", Refused<Nested>());
        Assert.Equal(
            "Abstract can't be read from or written to CSV: it can't be created. Use a record, a class with settable " +
            "properties, a tuple or an array.", Refused<Abstract>());
        Assert.Equal(
            "NoWay can't be read from or written to CSV: it has no public constructor whose parameters all have a " +
            "property of the same name and type. Use a record, or a parameterless constructor with settable " +
            "properties.", Refused<NoWay>());
        Assert.Equal(
            "Object can't be read from or written to CSV: it can't be created. Use a record, a class with settable " +
            "properties, a tuple or an array.",
            Refused<object>());
        Assert.Equal(
            "Twice.X can't be read from or written to CSV: the column 'X' is taken by A already. Name another with " +
            "[CsvColumn].",
            Refused<Twice>());
        Assert.Equal(
            $"Row[] can't be read from or written to CSV: its elements are Row, but fields hold only " +
            $"{FieldCodecs.SupportedTypes}.",
            Refused<Row[]>());
        Assert.Equal(
            $"ValueTuple`2.Item2 can't be read from or written to CSV: it is a Row, but fields hold only " +
            $"{FieldCodecs.SupportedTypes}.",
            Refused<(int, Row)>());
    }

    [Fact]
    public void Format_Collection_IsRefusedForWhatItIs()
    {
        const string Rest = "can't be read from or written to CSV: it is a collection, and what a row's columns " +
            "would be is not known. Select an array, a tuple or a record with a member for each column.";
        Assert.Equal($"List`1 {Rest}", Refused<List<long>>());
        Assert.Equal($"Dictionary`2 {Rest}", Refused<Dictionary<string, int>>());
        Assert.Equal($"HashSet`1 {Rest}", Refused<HashSet<string>>());
    }

    private static string Refused<T>() =>
        Assert.Throws<UnmappableTypeException>(() => new CsvFormat<T>(new CsvOptions())).Message;

    [Fact]
    public void Validate_BadOptions_AreListedTogether()
    {
        var options = new CsvOptions { Delimiter = 'x', Quote = '\n', ColumnNames = [], SkippedRowsListedMax = -1 };
        Assert.Equal(
            "CsvOptions can't be used: Delimiter is U+0078, but must be an ASCII character that is no letter, digit " +
            "or line end; Quote is U+000A, but must be an ASCII character that is no space or line end, or null; " +
            "ColumnNames is empty, but must name every column or be null; SkippedRowsListedMax is -1, but must be 0 " +
            "or more.",
            Assert.Throws<ArgumentException>(options.Validate).Message);
        Assert.Equal(
            "CsvOptions can't be used: Quote and Delimiter are both ';', but must differ.",
            Assert.Throws<ArgumentException>(() => new CsvFormat<int>(new CsvOptions { Quote = ';',
                Delimiter = ';' })).Message);
    }
}
