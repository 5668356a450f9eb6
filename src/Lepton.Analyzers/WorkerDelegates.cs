using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Lepton.Analyzers;

/// <summary>Tells which arguments are functions that run on workers, and finds their code.</summary>
internal static class WorkerDelegates
{
    /// <summary>
    /// Delegates given to Lepton.Compute run on workers, and those given to parameters marked
    /// <c>[RunsOnWorkers]</c>, but for parameters marked <c>[RunsOnWorkers(false)]</c>.
    /// </summary>
    public static bool IsWorkerParameter(IParameterSymbol? parameter)
    {
        if (parameter is null || !IsFunction(parameter.Type))
        {
            return false;
        }

        var mark = parameter.OriginalDefinition.GetAttributes().FirstOrDefault(attribute =>
            attribute.AttributeClass is { Name: "RunsOnWorkersAttribute" } type && LeptonNames.IsOfCompute(type));
        return mark is null
            ? parameter.ContainingSymbol?.ContainingType is { } type && LeptonNames.IsOfCompute(type)
            : mark.ConstructorArguments.FirstOrDefault().Value is not false;
    }

    /// <summary>Is the operation part of a function that another argument sends to workers?</summary>
    public static bool IsInsideWorkerCode(IOperation operation)
    {
        var inLambda = false;
        for (var outer = operation.Parent; outer is not null; outer = outer.Parent)
        {
            inLambda |= outer is IAnonymousFunctionOperation;
            if (inLambda && outer is IArgumentOperation argument && IsWorkerParameter(argument.Parameter))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The lambdas and method groups that a value may be, as far as that shows in one method.</summary>
    public static IEnumerable<IOperation> Targets(IOperation? value, CancellationToken cancellation) => value switch
    {
        IAnonymousFunctionOperation or IMethodReferenceOperation => [value],
        IConversionOperation conversion => Targets(conversion.Operand, cancellation),
        IDelegateCreationOperation creation => Targets(creation.Target, cancellation),
        IParenthesizedOperation parentheses => Targets(parentheses.Operand, cancellation),
        IConditionalOperation { WhenFalse: { } other } choice =>
            Targets(choice.WhenTrue, cancellation).Concat(Targets(other, cancellation)),
        ILocalReferenceOperation local => Targets(Initializer(local, cancellation), cancellation),
        _ => [],
    };

    private static IOperation? Initializer(ILocalReferenceOperation reference, CancellationToken cancellation) =>
        reference.Local.DeclaringSyntaxReferences.FirstOrDefault() is { } declaration
        && reference.SemanticModel?.SyntaxTree == declaration.SyntaxTree
        && reference.SemanticModel.GetOperation(declaration.GetSyntax(cancellation), cancellation)
            is IVariableDeclaratorOperation { Initializer.Value: { } value }
        && value is not ILocalReferenceOperation
            ? value
            : null;

    private static bool IsFunction(ITypeSymbol type) =>
        type.TypeKind == TypeKind.Delegate
        || type is INamedTypeSymbol { Name: "Expression", Arity: 1 } expression
            && expression.TypeArguments[0].TypeKind == TypeKind.Delegate;
}
