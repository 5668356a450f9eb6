using System.Text.RegularExpressions;
using Lepton.Tidy.Source;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Lepton.Tidy.Checks;

/// <summary>Rules on C# that no compiler setting enforces.</summary>
internal static partial class HouseRules
{
    private static readonly string[] s_generatorAttributes =
        ["JsonSerializable", "JsonSourceGenerationOptions", "LoggerMessage", "LibraryImport", "GeneratedRegex"];

    public static IEnumerable<Fault> Check(SourceTree tree) => tree.CSharp.SelectMany(file =>
        Namespaces(file)
            .Concat(PublicTypes(file))
            .Concat(TypeNames(file))
            .Concat(Partials(file))
            .Concat(Catches(file))
            .Concat(Reminders(file))
            .Concat(file.IsTest ? TestHabits(file) : []))
        .Concat(EventIds(tree));

    /// <summary>Who filters logs by ids must not get two events for one.</summary>
    private static IEnumerable<Fault> EventIds(SourceTree tree) => tree.CSharp.Where(static file => !file.IsTest)
        .SelectMany(static file => file.Syntax.DescendantNodes().OfType<AttributeSyntax>()
            .Where(static attribute => SimpleName(attribute) == "LoggerMessage")
            .Select(attribute => (
                File: file, Attribute: attribute, Id: attribute.ArgumentList?.Arguments[0].Expression.ToString())))
        .GroupBy(static found => found.Id)
        .SelectMany(static same => same.Skip(1))
        .Select(static found => found.File.FaultAt(
            found.Attribute, $"the event id {found.Id} is another event's already; take a free one"));

    private static IEnumerable<Fault> Namespaces(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<NamespaceDeclarationSyntax>()
            .Select(node => file.FaultAt(node, "use a file-scoped namespace: `namespace X;`"));

    private static IEnumerable<Fault> PublicTypes(SourceFile file) =>
        file.Syntax.DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            .Where(node => node.Modifiers.Any(SyntaxKind.PublicKeyword))
            .Skip(1)
            .Select(node => file.FaultAt(node, "a second public type; each has a file of its own"));

    private static IEnumerable<Fault> TypeNames(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>()
            .Where(type => VagueName().IsMatch(type.Identifier.Text))
            .Select(type => file.FaultAt(type, $"{type.Identifier.Text} says nothing; name what it does"));

    private static IEnumerable<Fault> Partials(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<TypeDeclarationSyntax>()
            .Where(type => type.Modifiers.Any(SyntaxKind.PartialKeyword) && !FeedsGenerator(type))
            .Select(type => file.FaultAt(
                type, $"{type.Identifier.Text} is partial, which is only for source generators; split it into types"));

    private static bool FeedsGenerator(TypeDeclarationSyntax type) =>
        type.DescendantNodes().OfType<AttributeSyntax>()
            .Any(attribute => s_generatorAttributes.Contains(SimpleName(attribute), StringComparer.Ordinal));

    private static string SimpleName(AttributeSyntax attribute)
    {
        var name = attribute.Name.ToString();
        name = name[(name.LastIndexOf('.') + 1)..];
        return name.EndsWith("Attribute", StringComparison.Ordinal) ? name[..^"Attribute".Length] : name;
    }

    private static IEnumerable<Fault> Catches(SourceFile file) =>
        file.Syntax.DescendantNodes().OfType<CatchClauseSyntax>()
            .Where(clause => clause.Block.Statements.Count == 0)
            .Select(clause => file.FaultAt(clause, "an empty catch; handle the exception or let it pass"));

    private static IEnumerable<Fault> Reminders(SourceFile file) =>
        file.Syntax.DescendantTrivia(descendIntoTrivia: false)
            .Where(trivia => IsComment(trivia) && Reminder().IsMatch(trivia.ToString()))
            .Select(trivia => file.FaultAt(
                trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1,
                "a reminder in a comment; do it, or write an issue"));

    private static bool IsComment(SyntaxTrivia trivia) =>
        trivia.Kind() is SyntaxKind.SingleLineCommentTrivia or SyntaxKind.MultiLineCommentTrivia
            or SyntaxKind.SingleLineDocumentationCommentTrivia or SyntaxKind.MultiLineDocumentationCommentTrivia;

    private static IEnumerable<Fault> TestHabits(SourceFile file)
    {
        var sleeps = file.Syntax.DescendantNodes().OfType<InvocationExpressionSyntax>()
            .Where(call => Sleep().IsMatch(call.Expression.ToString()))
            .Select(call => file.FaultAt(call, $"{call.Expression} in a test; wait for an event, or use fake time"));
        var skips = file.Syntax.DescendantNodes().OfType<AttributeArgumentSyntax>()
            .Where(argument => argument.NameEquals?.Name.Identifier.Text == "Skip")
            .Select(argument => file.FaultAt(
                argument, "a test that is always skipped; remove it, or use Assert.Skip where something is missing"));
        return sleeps.Concat(skips);
    }

    [GeneratedRegex("(Manager|Helpers?|Utils?|Utility|Utilities)$")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b")]
    private static partial Regex Reminder();

    [GeneratedRegex(@"(^|\.)(Thread\.Sleep|Task\.Delay)$")]
    private static partial Regex Sleep();
}
