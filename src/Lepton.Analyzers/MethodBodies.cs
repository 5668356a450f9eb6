using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;

namespace Lepton.Analyzers;

/// <summary>Finds the operations of methods written in the compilation.</summary>
internal static class MethodBodies
{
    /// <summary>The body of a method, local function or accessor; null where its source is elsewhere.</summary>
    [SuppressMessage(
        "MicrosoftCodeAnalysisCorrectness",
        "RS1030:Do not invoke Compilation.GetSemanticModel() method within a diagnostic analyzer",
        Justification = "Only for methods of other files that a lambda calls directly, which are few.")]
    public static IOperation? Of(IMethodSymbol method, IOperation caller, CancellationToken cancellation)
    {
        var symbol = method.OriginalDefinition.PartialImplementationPart ?? method.OriginalDefinition;
        var model = caller.SemanticModel;
        if (symbol.DeclaringSyntaxReferences.FirstOrDefault() is not { } reference || model is null)
        {
            return null;
        }

        if (model.SyntaxTree != reference.SyntaxTree)
        {
            if (!model.Compilation.ContainsSyntaxTree(reference.SyntaxTree))
            {
                return null;
            }

            model = model.Compilation.GetSemanticModel(reference.SyntaxTree);
        }

        return model.GetOperation(reference.GetSyntax(cancellation), cancellation);
    }
}
