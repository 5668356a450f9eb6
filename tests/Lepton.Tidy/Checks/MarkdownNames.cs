using System.Text.RegularExpressions;
using Lepton.Tidy.Source;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Lepton.Tidy.Checks;

/// <summary>
/// Names that Markdown gives in code spans must exist: C# names in the code, paths in the tree, commands and their
/// flags in Lepton.Cli. Names of others stand in <c>outside-names.txt</c>.
/// </summary>
internal static partial class MarkdownNames
{
    public const string OutsideNamesPath = "tests/Lepton.Tidy/outside-names.txt";

    private static readonly string[] s_folders =
        ["src", "tests", "bench", "samples", "docs", "deploy", "native", ".ci"];

    public static IEnumerable<Fault> Check(SourceTree tree)
    {
        var known = new Known(tree);
        return tree.Files.Where(IsPage).SelectMany(page => Check(page, known));
    }

    private static bool IsPage(SourceFile file) =>
        file.Path is "README.md" or "ARCHITECTURE.md"
        || (file.IsMarkdown && file.Path.StartsWith("docs/", StringComparison.Ordinal));

    private static IEnumerable<Fault> Check(SourceFile page, Known known)
    {
        var fence = (string?)null;
        for (var i = 0; i < page.Lines.Count; i++)
        {
            var line = page.Lines[i];
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                fence = fence is null ? line.Trim().TrimStart('`') : null;
                continue;
            }

            var spans = fence is null ? CodeSpan().Matches(line).Select(match => match.Groups[1].Value) :
                fence is "sh" or "bash" or "console" ? [line.Trim()] : [];
            foreach (var message in spans.SelectMany(span => Check(span, fence is null, known)))
            {
                yield return page.FaultAt(i + 1, message);
            }
        }
    }

    private static IEnumerable<string> Check(string span, bool isInline, Known known)
    {
        if (LeptonCommand().Match(span) is { Success: true } command)
        {
            return CheckCommand(command, known);
        }

        if (!isInline)
        {
            return [];
        }

        if (IsPath(span))
        {
            return known.HasPath(span) ? [] : [$"`{span}` does not exist"];
        }

        return CSharpName().Match(span) is { Success: true } match ? CheckName(span, match, known) : [];
    }

    private static IEnumerable<string> CheckCommand(Match command, Known known)
    {
        var words = command.Groups["verb"].Captures.Concat(command.Groups["flag"].Captures).Select(c => c.Value);
        return words.Where(word => !known.CommandWords.Contains(word))
            .Select(word => $"`lepton` knows no {word} (no such literal in src/Lepton.Cli)");
    }

    private static bool IsPath(string span) =>
        PathSpan().IsMatch(span)
        && (s_folders.Any(folder => span.StartsWith(folder + "/", StringComparison.Ordinal)
            || span.StartsWith("./" + folder + "/", StringComparison.Ordinal))
            || FileName().IsMatch(span));

    private static IEnumerable<string> CheckName(string span, Match match, Known known)
    {
        var parts = match.Groups["part"].Captures.Select(capture => capture.Value).ToList();
        var looksLikeCode = parts.Count > 1 || TwoHumps().IsMatch(parts[0]);
        if (!looksLikeCode || known.OutsideNames.Contains(string.Join('.', parts)))
        {
            return [];
        }

        return parts.Where(part => !known.Identifiers.Contains(part) && !known.OutsideNames.Contains(part))
            .Select(part => $"`{span}`: there is no {part} in the code");
    }

    // Spans like `X`, but not the double-backtick kind.
    [GeneratedRegex("(?<!`)`([^`]+)`(?!`)")]
    private static partial Regex CodeSpan();

    // `lepton verb words --flags`, up to ` -- `, after which the words are the user's own.
    [GeneratedRegex(@"^\$?\s*(\./)?lepton(?=\s|$)(\s+(?<verb>[a-z][a-z-]*)(?=\s|$))?"
        + @"(\s+(?!--(\s|$))(\[?(?<flag>--[a-z][a-z-]*)\S*|\S+))*")]
    private static partial Regex LeptonCommand();

    [GeneratedRegex(@"^[\w./{}+-]+$")]
    private static partial Regex PathSpan();

    [GeneratedRegex(@"^(\./)?[\w.-]+\.(cs|csproj|md|sh|props|proto|slnx)$")]
    private static partial Regex FileName();

    // `Type<Arguments>.Member(…)`: the parts between the dots.
    [GeneratedRegex(@"^(?<part>[A-Z]\w*)(<[\w<>?,\s\[\].]*>)?(\.(?<part>[A-Z]\w*)(<[\w<>?,\s\[\].]*>)?)*(\(.*\))?$",
        RegexOptions.ExplicitCapture)]
    private static partial Regex CSharpName();

    [GeneratedRegex(@"^[A-Z]\w*[a-z0-9][A-Z]\w*$")]
    private static partial Regex TwoHumps();

    /// <summary>What the tree knows by name.</summary>
    private sealed class Known
    {
        private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

        public Known(SourceTree tree)
        {
            foreach (var file in tree.Files)
            {
                AddPath(file.Path);
                if (file.IsCSharp)
                {
                    AddCode(file);
                }
                else if (file.IsProject || file.Path.EndsWith(".props", StringComparison.Ordinal))
                {
                    Identifiers.UnionWith(Word().Matches(file.Text).Select(match => match.Value));
                }
            }

            OutsideNames.UnionWith(tree.Find(OutsideNamesPath)?.Lines ?? []);
        }

        public HashSet<string> Identifiers { get; } = new(StringComparer.Ordinal);

        public HashSet<string> CommandWords { get; } = new(StringComparer.Ordinal);

        public HashSet<string> OutsideNames { get; } = new(StringComparer.Ordinal);

        public bool HasPath(string path)
        {
            var plain = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
            return _paths.Contains(plain.TrimEnd('/'));
        }

        // A file is known by its path and by its name, a folder by its path.
        private void AddPath(string path)
        {
            _paths.Add(Path.GetFileName(path));
            for (var part = path; !string.IsNullOrEmpty(part); part = Path.GetDirectoryName(part))
            {
                _paths.Add(part);
            }
        }

        private void AddCode(SourceFile file)
        {
            Identifiers.UnionWith(file.Syntax.DescendantTokens()
                .Where(token => token.IsKind(SyntaxKind.IdentifierToken)).Select(token => token.ValueText));
            if (file.Path.StartsWith("src/Lepton.Cli/", StringComparison.Ordinal))
            {
                CommandWords.UnionWith(file.Syntax.DescendantNodes().OfType<LiteralExpressionSyntax>()
                    .Where(literal => literal.IsKind(SyntaxKind.StringLiteralExpression))
                    .Select(literal => literal.Token.ValueText));
            }
        }
    }

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
