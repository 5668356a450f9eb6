using Microsoft.CodeAnalysis;

namespace Lepton.Analyzers.Capturing;

/// <summary>Types as messages name them.</summary>
internal static class TypeText
{
    /// <summary>The type as one would write it where it is used: <c>HttpClient</c>.</summary>
    public static string ToMinimalText(this ITypeSymbol type, IOperation use) => use.SemanticModel is { } model
        ? type.WithNullableAnnotation(NullableAnnotation.None).ToMinimalDisplayString(model, use.Syntax.SpanStart)
        : type.ToDisplayString();
}
