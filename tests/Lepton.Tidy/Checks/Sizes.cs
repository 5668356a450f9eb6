using Lepton.Tidy.Source;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Lepton.Tidy.Checks;

/// <summary>Limits on the lines of a file and of a function, and on the columns of a line.</summary>
internal static class Sizes
{
    public const int FileLinesMax = 500;
    public const int FunctionLinesMax = 70;
    public const int ColumnsMax = 120;
    public const string AllowListPath = "tests/Lepton.Tidy/allowed.txt";

    /// <summary>Whatever is too large and not excused by the allow-list, and each excuse that nothing needs.</summary>
    public static IEnumerable<Fault> Check(SourceTree tree)
    {
        var (allowed, faults) = AllowList.Parse(tree.Find(AllowListPath));
        var oversized = tree.Files.SelectMany(Oversized).ToList();
        return faults
            .Concat(oversized.Where(found => !allowed.Any(found.IsExcusedBy)).Select(found => found.ToFault()))
            .Concat(allowed
                .Where(entry => !oversized.Any(found => found.IsExcusedBy(entry)))
                .Select(entry => new Fault(AllowListPath, entry.Line, $"no longer needed; remove it: {entry.Text}")));
    }

    private static IEnumerable<Oversize> Oversized(SourceFile file)
    {
        if (!file.IsCSharp && !file.IsScript)
        {
            return [];
        }

        return FileLines(file).Concat(Columns(file)).Concat(file.IsCSharp ? Functions(file) : []);
    }

    private static IEnumerable<Oversize> FileLines(SourceFile file)
    {
        if (file.Lines.Count > FileLinesMax)
        {
            yield return new Oversize("file", file.Path, "*", 1, file.Lines.Count, FileLinesMax);
        }
    }

    private static IEnumerable<Oversize> Columns(SourceFile file)
    {
        for (var i = 0; i < file.Lines.Count; i++)
        {
            if (file.Lines[i].Length > ColumnsMax)
            {
                yield return new Oversize("line", file.Path, "*", i + 1, file.Lines[i].Length, ColumnsMax);
            }
        }
    }

    private static IEnumerable<Oversize> Functions(SourceFile file)
    {
        var functions = file.Syntax.DescendantNodes().Where(IsFunction)
            .Select(node => (Name: NameOf(node), First: FirstLine(node), Last: LastLine(node)));
        var statements = file.Syntax.ChildNodes().OfType<GlobalStatementSyntax>()
            .Where(node => node.Statement is not LocalFunctionStatementSyntax).ToList();
        if (statements.Count > 0)
        {
            functions = functions.Append(("Main", FirstLine(statements[0]), LastLine(statements[^1])));
        }

        return functions
            .Where(function => function.Last - function.First + 1 > FunctionLinesMax)
            .Select(function => new Oversize(
                "function",
                file.Path,
                function.Name,
                function.First,
                function.Last - function.First + 1,
                FunctionLinesMax));
    }

    private static bool IsFunction(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax
            or PropertyDeclarationSyntax { ExpressionBody: not null };

    // Attributes and comments above a function are not part of it.
    private static int FirstLine(SyntaxNode node)
    {
        var token = node is MemberDeclarationSyntax { AttributeLists.Count: > 0 } member
            ? member.AttributeLists[^1].GetLastToken().GetNextToken()
            : node.GetFirstToken();
        return token.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
    }

    private static int LastLine(SyntaxNode node) => node.GetLocation().GetLineSpan().EndLinePosition.Line + 1;

    private static string NameOf(SyntaxNode node) => node switch
    {
        MethodDeclarationSyntax method => method.Identifier.Text,
        LocalFunctionStatementSyntax function => function.Identifier.Text,
        ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        AccessorDeclarationSyntax { Parent.Parent: PropertyDeclarationSyntax property } accessor =>
            $"{property.Identifier.Text}.{accessor.Keyword.Text}",
        _ => node.Kind().ToString(),
    };

    private sealed record Oversize(string Rule, string Path, string Member, int Line, int Size, int Limit)
    {
        public bool IsExcusedBy(AllowList.Entry entry) =>
            entry.Rule == Rule && entry.Path == Path && entry.Member == Member && Size <= entry.Size;

        public Fault ToFault() => new(Path, Line, Rule switch
        {
            "file" => $"{Size} lines; a file holds {Limit} at most",
            "line" => $"{Size} columns; a line holds {Limit} at most",
            _ => $"{Member} has {Size} lines; a function holds {Limit} at most",
        });
    }
}
