using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Formats;

namespace Lepton.Compute.Tests.Formats;

public sealed class CsvTypesTests : IDisposable
{
    private readonly TempFiles _files = new();

    public void Dispose() => _files.Dispose();

    internal sealed record Iris(
        double SepalLengthCm, double SepalWidthCm, double PetalLengthCm, [CsvColumn("petal_width_cm")] double Width,
            int Label);

    internal enum Colour
    {
        Red,
        Green = 7,
    }

    [Flags]
    internal enum Access
    {
        None = 0,
        Read = 1,
        Write = 2,
    }

    internal sealed record Everything(
        sbyte A, byte B, short C, ushort D, int E, uint F, long G, ulong H, Half I, float J, double K, decimal L,
            bool M, char N,
        string O, DateTime P, DateTimeOffset Q, DateOnly R, TimeOnly S, TimeSpan T, Guid U, Colour V, Access W,
            Int128 X, Utf8Text Y);

    internal sealed record Nullables(int? A, double? B, string? C, DateOnly? D, bool? E, Colour? F, string G);

    internal sealed class Settable
    {
        public int A { get; set; }

        public string? B { get; init; }

        public double Twice => A * 2;

        [CsvIgnore]
        public List<int> Ignored { get; set; } = [];
    }

    internal struct Plain
    {
        public int A = 0;

        public Plain()
        {
        }

        public string B { get; set; } = "";
    }

    internal sealed record Defaults(int A, int B = 5, Colour C = Colour.Green, string? D = "d", double? E = 2.5);

    private List<T> Read<T>(string content, CsvOptions? options = null) =>
        new CsvFormat<T>(options ?? new CsvOptions()).ReadAll(_files.Write("rows.csv", content));

    [Fact]
    public void Read_Iris_MatchesColumnsByName()
    {
        List<Iris> rows = new CsvFormat<Iris>(new CsvOptions()).ReadAll(TempFiles.Sample("iris.csv"), 500);
        Assert.Equal(150, rows.Count);
        Assert.Equal(new Iris(5.1, 3.5, 1.4, 0.2, 0), rows[0]);
        Assert.Equal(50, rows.Count(row => row.Label == 2));
        Assert.Equal(5.8433333, rows.Average(row => row.SepalLengthCm), 6);
    }

    [Theory]
    [InlineData("iris.csv", 150, 5)]
    [InlineData("wine.csv", 178, 14)]
    [InlineData("breast_cancer.csv", 569, 31)]
    [InlineData("digits.csv", 1797, 65)]
    public void Read_RealTableAsDoubles_EqualsPlainParsing(string name, int rows, int columns)
    {
        string path = TempFiles.Sample(name);
        double[][] expected = [.. File.ReadLines(path).Skip(1)
            .Select(line => line.Split(',').Select(field => double.Parse(field, CultureInfo.InvariantCulture))
                .ToArray())];
        List<double[]> actual = new CsvFormat<double[]>(new CsvOptions()).ReadAll(path, 4096);
        Assert.Equal((rows, columns), (actual.Count, actual[0].Length));
        Assert.Equal(expected, actual);
        Assert.Equal(actual, new CsvFormat<double[]>(new CsvOptions()).ReadAll(
            _files.Write("again.csv", new CsvFormat<double[]>(new CsvOptions()).WriteAll(actual))));
    }

    [Fact]
    public void Read_EveryType_IsInvariant()
    {
        const string header = "A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S,T,U,V,W,X,Y\n";
        const string row = "-128,255,-32768,65535,-2147483648,4294967295,-9223372036854775808," +
            "18446744073709551615,1.5,2.5e-3,-1e300,1.10,TRUE,é,\"a " +
            "\"\"b\"\"\",2026-01-31T23:59:59.1234567Z,2026-01-31 10:00+01:00,2026-01-31,23:59,P1DT2H," +
            "01234567-89ab-cdef-0123-456789abcdef,green,\"Read, Write\",170141183460469231731687303715884105727,text\n";
        Everything expected = new(
            -128, 255, -32768, 65535, int.MinValue, uint.MaxValue, long.MinValue, ulong.MaxValue, (Half)1.5, 2.5e-3f,
                -1e300, 1.10m, true,
            'é', "a \"b\"", new DateTime(2026, 1, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(1234567),
            new DateTimeOffset(2026, 1, 31, 10, 0, 0, TimeSpan.FromHours(1)), new DateOnly(2026, 1, 31),
                new TimeOnly(23, 59),
            TimeSpan.FromHours(26), new Guid("01234567-89ab-cdef-0123-456789abcdef"), Colour.Green,
                Access.Read | Access.Write,
            Int128.MaxValue, new Utf8Text("text"));
        Everything actual = Assert.Single(Read<Everything>(header + row));
        Assert.Equal(expected, actual);
        Assert.Equal(DateTimeKind.Utc, actual.P.Kind);
        string written = System.Text.Encoding.UTF8.GetString(new CsvFormat<Everything>(new CsvOptions())
            .WriteAll([actual]));
        Assert.Equal(expected, Assert.Single(Read<Everything>(written)));
    }

    [Theory]
    [InlineData("NaN", double.NaN)]
    [InlineData("nan", double.NaN)]
    [InlineData("Infinity", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData("+inf", double.PositiveInfinity)]
    [InlineData("-INF", double.NegativeInfinity)]
    [InlineData("-0", -0.0)]
    [InlineData(" 1.5 ", 1.5)]
    [InlineData(".5", 0.5)]
    [InlineData("5.", 5.0)]
    [InlineData("+1", 1.0)]
    [InlineData("1E3", 1000.0)]
    [InlineData("1e400", double.PositiveInfinity)]
    [InlineData("0.1234567890123456789012345", 0.1234567890123456789012345)]
    public void Read_NumberForms_AreUnderstood(string text, double expected)
    {
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected),
            BitConverter.DoubleToInt64Bits(Assert.Single(Read<double>($"x\n{text}\n"))));
        Assert.Equal((float)expected, Assert.Single(Read<float>($"x\n{text}\n")));
    }

    [Theory]
    [InlineData("1,5")]
    [InlineData("1.5.2")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("0x10")]
    [InlineData("infinite")]
    [InlineData("1_000")]
    public void FastDouble_NoNumber_IsRefused(string text) =>
        Assert.False(FastDouble.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void FastDouble_AnyDigits_AreRoundedAsTheFrameworkDoes()
    {
        Gen<string> digits = Gen.Elements("0", "1", "5", "9", "37", "000", "123456789").ListOf()
            .Select(parts => string.Concat(parts));
        Gen<string> numbers = from sign in Gen.Elements("", "-")
                              from whole in digits
                              from fraction in digits
                              from power in Gen.Elements("", "e5", "E-12")
                              where whole.Length + fraction.Length > 0
                              select $"{sign}{whole}.{fraction}{power}";
        Prop.ForAll(numbers.ToArbitrary(), text =>
        {
            Assert.True(FastDouble.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out double actual));
            double expected = double.Parse(text, CultureInfo.InvariantCulture);
            Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(actual));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Fact]
    public void Read_MissingValues_AreNullOrText()
    {
        List<Nullables> rows = Read<Nullables>(
            "a,b,c,d,e,f,g\n,NA,,NA,,,NA\n1,2,\"NA\",2026-01-31,0,Red,\n\"\",\"NA\",\"\",,,,\"\"\n");
        Assert.Equal(
            [
                new Nullables(null, null, null, null, null, null, "NA"),
                new Nullables(1, 2, "NA", new DateOnly(2026, 1, 31), false, Colour.Red, ""),
                new Nullables(null, null, "", null, null, null, ""),
            ],
            rows);
    }

    [Fact]
    public void Read_MissingAsNaN_IsNaNForFloatingNumbersOnly()
    {
        var options = new CsvOptions { MissingAsNaN = true, MissingValues = ["?", "-999"] };
        Assert.Equal([[1, double.NaN], [double.NaN, 2]], Read<double[]>("a,b\n1,?\n-999,2\n", options));
        Assert.Equal([(float.NaN, Half.NaN)], Read<(float, Half)>("a,b\n?,?\n", options));
        Assert.Throws<MalformedRowException>(() => Read<(int, double)>("a,b\n?,1\n", options));
        Assert.Equal([(null, double.NaN)], Read<(double?, double)>("a,b\n?,?\n", options));
    }

    [Fact]
    public void Read_ClassesStructsAndDefaults_AreFilled()
    {
        Settable settable = Assert.Single(Read<Settable>("b,a,more\nx,3,\n"));
        Assert.Equal((3, "x", 6.0), (settable.A, settable.B, settable.Twice));
        Plain plain = Assert.Single(Read<Plain>("B,A\nx,3\n"));
        Assert.Equal((3, "x"), (plain.A, plain.B));
        Assert.Equal([new Defaults(1)], Read<Defaults>("a\n1\n"));
        Assert.Equal([new Defaults(1, 6, Colour.Red, null, null)], Read<Defaults>("e,d,c,b,a\n,,Red,6,1\n"));
    }

    [Fact]
    public void Read_TuplesArraysAndSingleValues_GoByPosition()
    {
        Assert.Equal([(1, "a", 2.5)], Read<(int, string, double)>("x,y,z\n1,a,2.5\n"));
        Assert.Equal([(1, 2, 3, 4, 5, 6, 7, 8, 9)],
            Read<(int, int, int, int, int, int, int, int, int)>("a,b,c,d,e,f,g,h,i\n1,2,3,4,5,6,7,8,9\n"));
        Assert.Equal([["a", "1"], ["", "NA"]], Read<string[]>("x,y\na,1\n,NA\n"));
        Assert.Equal([[1, null]], Read<int?[]>("x,y\n1,\n"));
        Assert.Equal([4, 5], Read<int>("x\n4\n5"));
        Assert.Equal([4, 5], Read<int>("4\n5", new CsvOptions { HasHeader = false }));
    }

    [Fact]
    public void Read_WithoutHeader_TakesNamesOrOrder()
    {
        CsvOptions named = new() { HasHeader = false, ColumnNames = ["label", "sepal_length_cm", "sepal width " +
            "cm", "petal-length-cm", "petal_width_cm"] };
        Assert.Equal([new Iris(1, 2, 3, 4, 9)], Read<Iris>("9,1,2,3,4\n", named));
        Assert.Equal([new Iris(1, 2, 3, 4, 9)], Read<Iris>("1,2,3,4,9\n", new CsvOptions { HasHeader = false }));
    }

    [Fact]
    public void Read_OtherDialects_AreUnderstood()
    {
        CsvOptions options = new() { Delimiter = ';', Quote = '\'', TrimFields = true };
        Assert.Equal([("a;b", 1.5), ("it's", 2)], Read<(string, double)>("x ; y\n 'a;b' ; 1.5\t\n'it''s';2\n " +
            "\t\n", options));
        Assert.Equal(["5\" pipe", "a\"b\""], Read<string>("x\n5\" pipe\na\"b\"\n"));
    }

    [Fact]
    public void Read_NamesThatDifferOnlyInMarks_PreferTheExactOne()
    {
        Assert.Equal([new Exact(1, 2)], Read<Exact>("ab,a_b\n1,2\n"));
    }

    private sealed record Exact(int Ab, [CsvColumn("a_b")] int Other);
}
