using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Lepton.Tidy.Source;

/// <summary>One text file. <paramref name="Path"/> is relative to the root, with forward slashes.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    private SyntaxNode? _syntax;

    public string Name => System.IO.Path.GetFileName(Path);

    public bool IsCSharp => Path.EndsWith(".cs", StringComparison.Ordinal);

    public bool IsMarkdown => Path.EndsWith(".md", StringComparison.Ordinal);

    public bool IsProject => Path.EndsWith(".csproj", StringComparison.Ordinal);

    public bool IsTest => Path.StartsWith("tests/", StringComparison.Ordinal);

    public bool IsScript => Path is "lepton" or ".ci/run" || Path.EndsWith(".sh", StringComparison.Ordinal);

    /// <summary>Lines without their ends; a final line end starts no further line.</summary>
    public IReadOnlyList<string> Lines { get; } = SplitLines(Text);

    /// <summary>The parsed file. Only for C#.</summary>
    public SyntaxNode Syntax =>
        _syntax ??= CSharpSyntaxTree.ParseText(Text, new CSharpParseOptions(LanguageVersion.Latest)).GetRoot();

    public Fault FaultAt(int line, string message) => new(Path, line, message);

    public Fault FaultAt(SyntaxNode node, string message) =>
        new(Path, node.GetLocation().GetLineSpan().StartLinePosition.Line + 1, message);

    private static string[] SplitLines(string text)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n');
        return lines[^1].Length == 0 ? lines[..^1] : lines;
    }
}
