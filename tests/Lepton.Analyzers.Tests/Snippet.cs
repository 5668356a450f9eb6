using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Lepton.Analyzers.Tests;

/// <summary>A small program that the analyzer looks at. Parts within [| |] are those that it should mark.</summary>
internal sealed class Snippet
{
    private const string Open = "[|";
    private const string Close = "|]";

    /// <summary>As much of Lepton.Compute as the analyzer goes by.</summary>
    private const string Lepton = """
        using System.Collections.Generic;
        namespace Lepton.Compute
        {
            public sealed class RunsOnWorkersAttribute(bool runs = true) : System.Attribute;

            internal sealed class UnsendableAttribute(string reason) : System.Attribute;

            public sealed class Dataset<T>
            {
                public Dataset<TOut> Select<TOut>(System.Func<T, TOut> selector) => new();
                public Dataset<TOut> SelectMany<TOut>(System.Func<T, IEnumerable<TOut>> selector) => new();
                public Dataset<T> Where(System.Func<T, bool> predicate) => new();
                public Dataset<U> SelectPartition<U>(System.Func<IEnumerable<T>, IEnumerable<U>> selector) => new();
                public Dataset<T> Filter(System.Linq.Expressions.Expression<System.Func<T, bool>> predicate) => new();
                public void ForEach(System.Action<T> action) { }
                public Dataset<T> OnProgress([RunsOnWorkers(false)] System.Action<int> report) => this;
                public Dataset<T> Union(Dataset<T> other) => this;
                public T First() => default;
            }

            public sealed class RowFilter<T>(System.Func<T, bool> keep);

            public sealed class LeptonSession : System.IDisposable
            {
                public Dataset<int> Range(int count) => new();
                public void Dispose() { }
            }

            [Unsendable("It stays at home. Leave it there.")]
            public sealed class Broadcaster;

            public abstract class DistributedTask<TIn, TOut>
            {
                public abstract IEnumerable<TOut> Map(TIn row);
                public abstract TOut Reduce(TOut a, TOut b);
                public virtual void Done() { }
            }
        }
        """;

    private const string Usings = """
        using System; using System.Collections.Concurrent; using System.Collections.Generic; using System.Diagnostics;
        using System.IO; using System.Linq; using System.Net.Http; using System.Threading; using System.Threading.Tasks;
        using Lepton.Compute;
        """;

    // Snippets grow from one compilation: then the framework is read once.
    private static readonly CSharpCompilation s_empty = CSharpCompilation.Create(
        "Snippet",
        [],
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path)),
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));

    private readonly CSharpCompilation _compilation;
    private readonly Dictionary<string, string> _options = [];
    private readonly List<string> _marked = [];

    private Snippet(string code, string lepton)
    {
        var plain = Usings + "\n" + code;
        for (var start = plain.IndexOf(Open, StringComparison.Ordinal); start >= 0;
            start = plain.IndexOf(Open, StringComparison.Ordinal))
        {
            var end = plain.IndexOf(Close, start, StringComparison.Ordinal);
            _marked.Add($"{start}: {plain[(start + Open.Length)..end]}");
            plain = plain[..start] + plain[(start + Open.Length)..end] + plain[(end + Close.Length)..];
        }

        _compilation = s_empty.AddSyntaxTrees(Parse(plain, "Snippet.cs"), Parse(lepton, "Lepton.cs"));
    }

    /// <summary>Members of a class, as they are.</summary>
    public static Snippet OfMembers(string members) => new($"class Program {{ {members} }}", Lepton);

    /// <summary>Statements of a method with a data set <c>rows</c> of numbers.</summary>
    public static Snippet OfStatements(string statements, string members = "") => OfMembers(
        $"{members} void Run(Dataset<int> rows) {{ {statements} }}");

    /// <summary>Members of a class in a program that does not use Lepton.</summary>
    public static Snippet WithoutLepton(string members) =>
        new($"class Program {{ {members} }} namespace Lepton.Compute {{ }}", "");

    public Snippet With(string option, string value)
    {
        _options[option] = value;
        return this;
    }

    /// <summary>Checks that the analyzer marks what the snippet marks; returns its messages in source order.</summary>
    public IReadOnlyList<string> Check(string id)
    {
        Assert.Empty(_compilation.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(found => found.Severity == DiagnosticSeverity.Error));
        var found = Analyze();
        Assert.Equal(_marked, found.Select(diagnostic =>
            $"{diagnostic.Location.SourceSpan.Start}: {TextAt(diagnostic.Location)}"));
        Assert.All(found, diagnostic => Assert.Equal(id, diagnostic.Id));
        return [.. found.Select(diagnostic => diagnostic.GetMessage(null))];
    }

    /// <summary>What the analyzer finds, whether or not the program compiles. It must not throw.</summary>
    public IReadOnlyList<Diagnostic> Analyze()
    {
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([], new FixedOptions(_options)),
            onAnalyzerException: (exception, _, _) => Assert.Fail($"The analyzer threw: {exception}"),
            concurrentAnalysis: false,
            logAnalyzerExecutionTime: false);
        return [.. _compilation.WithAnalyzers([new WorkerCodeAnalyzer()], options)
            .GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult()
            .OrderBy(found => found.Location.SourceSpan.Start)];
    }

    private static SyntaxTree Parse(string text, string path) => CSharpSyntaxTree.ParseText(
        text,
        new CSharpParseOptions(LanguageVersion.Latest),
        path,
        cancellationToken: TestContext.Current.CancellationToken);

    private static string TextAt(Location location) =>
        location.SourceTree!.GetText(TestContext.Current.CancellationToken).ToString(location.SourceSpan);

    private sealed class FixedOptions(Dictionary<string, string> values) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions => new Values(values);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => GlobalOptions;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => GlobalOptions;

        private sealed class Values(Dictionary<string, string> values) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [NotNullWhen(true)] out string? value) =>
                values.TryGetValue(key, out value);
        }
    }
}
