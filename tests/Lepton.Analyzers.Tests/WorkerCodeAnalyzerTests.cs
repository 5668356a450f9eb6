using Microsoft.CodeAnalysis;

namespace Lepton.Analyzers.Tests;

public sealed class WorkerCodeAnalyzerTests
{
    [Theory]
    [InlineData("rows.Select(x => [|s|].ReadByte());")]
    [InlineData("rows.Select(delegate(int x) { return [|s|].ReadByte(); });")]
    [InlineData("rows.Where(x => x > 0).Select(x => [|s|].ReadByte());")]
    [InlineData("rows.Filter(x => [|s|].ReadByte() > x);")]
    [InlineData("_ = new RowFilter<int>(x => [|s|].ReadByte() > x);")]
    [InlineData("Func<int, int> read = x => [|s|].ReadByte(); rows.Select(read);")]
    [InlineData("rows.Where(Flag ? x => [|s|].ReadByte() > x : x => x > 0);")]
    [InlineData("rows.Select((Func<int, int>)(x => [|s|].ReadByte()));")]
    [InlineData("rows.Select(selector: x => [|s|].ReadByte());")]
    [InlineData("_ = from x in rows select [|s|].ReadByte() + x;")]
    [InlineData("_ = from x in rows where x > 0 select x + [|s|].ReadByte();")]
    [InlineData("rows.ForEach(async x => await [|s|].FlushAsync());")]
    [InlineData("rows.Sideways(x => [|s|].ReadByte());")]
    [InlineData("rows.Select([|s|].SeekTo);")]
    public void Argument_OfWorkerParameter_LookedAt(string statements) => Assert.Single(
        Snippet.OfMembers($$"""
            static bool Flag;
            void Run(Dataset<int> rows, Stream s) { {{statements}} }
            } static class Extensions {
            public static Dataset<int> Sideways(this Dataset<int> rows, [RunsOnWorkers] Func<int, int> f) => rows;
            public static int SeekTo(this Stream s, int x) => x;
            """).Check("LPT001"));

    [Theory]
    [InlineData("new List<int>().Select(x => s.ReadByte() + DateTime.Now.Year).ToList();")]
    [InlineData("Task.Run(() => s.ReadByte());")]
    [InlineData("rows.OnProgress(x => s.WriteByte(1));")]
    [InlineData("Func<int, int> read = x => s.ReadByte(); read(1);")]
    [InlineData("rows.Sideways(x => s.ReadByte());")]
    public void Argument_OfOtherParameter_NotLookedAt(string statements) => Assert.Empty(Snippet.OfMembers($$"""
        void Run(Dataset<int> rows, Stream s) { {{statements}} }
        } static class Extensions {
        public static Dataset<int> Sideways(this Dataset<int> rows, Func<int, int> f) => rows;
        """).Check("LPT001"));

    [Fact]
    public void MethodGroup_OfThis_MarkedWithItsName() => Assert.StartsWith(
        "The method 'Read' passed to 'Select' captures 'this._input' of type 'Stream'",
        Assert.Single(Snippet.OfStatements(
            "rows.Select([|Read|]);", "Stream _input; int Read(int x) => _input.ReadByte();").Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void MethodGroup_OfOtherObject_ReceiverMarked() => Assert.StartsWith(
        "The method 'Read' passed to 'Select' captures 'reader → _input' of type 'Stream'",
        Assert.Single(Snippet.OfStatements(
            "var reader = new Reader(); rows.Select([|reader|].Read);",
            "class Reader { Stream _input; public int Read(int x) => _input.ReadByte(); }").Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void MethodGroup_Static_NotMarked() => Assert.Empty(Snippet.OfStatements(
        "rows.Select(Twice).Select(int.Abs);", "static int Twice(int x) => 2 * x;").Check("LPT001"));

    [Fact]
    public void Override_OfDistributedTask_LookedAt() => Assert.StartsWith(
        "The method 'Map' of 'Words' captures 'this._input' of type 'Stream'",
        Assert.Single(Snippet.OfMembers("""
            class Words : DistributedTask<string, int>
            {
                Stream _input; int _length;
                public override IEnumerable<int> Map(string row) => [row.Length, [|_input|].ReadByte(), _length];
                public override int Reduce(int a, int b) { var sum = a; sum += b; return sum; }
                public override void Done() => _input.Close();
            }
            """).Check("LPT001")),
        StringComparison.Ordinal);

    [Fact]
    public void Override_ReadsClock_Found() => Assert.Single(Snippet.OfMembers("""
        class Words : DistributedTask<string, int>
        {
            public override IEnumerable<int> Map(string row) => [row.Length];
            public override int Reduce(int a, int b) => a + b + [|DateTime.Now|].Year;
        }
        """).Check("LPT002"));

    [Fact]
    public void Program_WithoutLepton_NotLookedAt() =>
        Assert.Empty(Snippet.WithoutLepton("int Run(List<int> l, Stream s) => l.Select(x => s.ReadByte()).Sum();")
            .Check("LPT001"));

    [Fact]
    public void Rules_AllWarnOutOfTheBox() => Assert.All(
        new WorkerCodeAnalyzer().SupportedDiagnostics,
        rule =>
        {
            Assert.True(rule.IsEnabledByDefault);
            Assert.Equal(DiagnosticSeverity.Warning, rule.DefaultSeverity);
            Assert.Equal("Lepton", rule.Category);
            Assert.NotEmpty(rule.Description.ToString(null));
        });

    [Fact]
    public void Pragma_AtTheLambda_Silences() => Assert.DoesNotContain(Snippet.OfMembers(
        "\n#pragma warning disable LPT001\nvoid Run(Dataset<int> r, Stream s) { r.Select(x => s.ReadByte()); }")
        .Analyze(), found => !found.IsSuppressed);

    [Theory]
    [InlineData("rows.Select(")]
    [InlineData("rows.Select(x => )")]
    [InlineData("rows.Select(x => client.);")]
    [InlineData("rows.Select(x => unknown(x) + this.missing);")]
    [InlineData("rows.Select(Missing);")]
    [InlineData("rows.Gone(x => DateTime.);")]
    [InlineData("rows.Select(x => { lock (); (a, ) = ; return });")]
    [InlineData("rows.Select(read); Func<int, int> read = ;")]
    [InlineData("var f = f; rows.Select(f);")]
    [InlineData("Func<int, int> f = f; rows.Select(f);")]
    [InlineData("rows.Select(x => Loop(x)); int Loop(int x) => Loop(")]
    [InlineData("_ = from x in rows where select")]
    [InlineData("new Dataset<>().Select(x => x)")]
    [InlineData("rows.Select<int, int, int>(x => x)")]
    public void Code_ThatDoesNotCompile_NeverThrows(string statements) =>
        Assert.NotNull(Snippet.OfStatements(statements).Analyze());

    [Fact]
    public void Code_CutAnywhere_NeverThrows()
    {
        const string Members = """
            Stream _s; int P { get => _s.ReadByte(); }
            void Run(Dataset<int> rows, HttpClient client)
            {
                var n = 0;
                int Local(int x) { lock (client) { n += x; } return DateTime.Now.Year; }
                rows.Where(x => { (n, _) = (x, P); return Local(x) > _s.ReadByte(); }).Select(Local);
            }
            """;
        for (var end = 0; end < Members.Length; end += 5)
        {
            Assert.NotNull(Snippet.OfMembers(Members[..end]).Analyze());
        }
    }
}
