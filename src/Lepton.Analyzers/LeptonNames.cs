using Microsoft.CodeAnalysis;

namespace Lepton.Analyzers;

/// <summary>Recognises Lepton's own types by their namespaces.</summary>
internal static class LeptonNames
{
    private const string Compute = "Lepton.Compute";

    public static bool IsOfCompute(ITypeSymbol type) => IsIn(type, Compute);

    public static bool IsOfLepton(ITypeSymbol type) =>
        IsIn(type, Compute) || IsIn(type, "Lepton.Core") || IsIn(type, "Lepton.Learning");

    /// <summary>Does the compilation know Lepton.Compute at all?</summary>
    public static bool IsKnownTo(Compilation compilation) =>
        compilation.GlobalNamespace.GetNamespaceMembers().FirstOrDefault(space => space.Name == "Lepton")
            ?.GetNamespaceMembers().Any(space => space.Name == "Compute") ?? false;

    private static bool IsIn(ITypeSymbol type, string space)
    {
        var name = type.ContainingNamespace?.ToDisplayString() ?? "";
        return name == space || name.StartsWith(space + ".", StringComparison.Ordinal);
    }
}
