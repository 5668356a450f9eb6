using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Lepton.Analyzers.Retrying;

/// <summary>
/// Reads of static variables of the program. They are not sent: each worker process has its own, as their initialisers
/// made it.
/// </summary>
internal static class StaticState
{
    /// <summary>The variable that an operation reads, such as "Settings.Limit"; null where it reads none.</summary>
    public static string? ReadBy(IOperation operation, WorkerCode code) => operation switch
    {
        IFieldReferenceOperation { Field: var field } when IsVariable(field) && !IsSetIn(code, field) =>
            $"{field.ContainingType.Name}.{field.Name}",
        IPropertyReferenceOperation { Property: var property } when IsVariable(property) && !IsSetIn(code, property) =>
            $"{property.ContainingType.Name}.{property.Name}",
        _ => null,
    };

    private static bool IsVariable(IFieldSymbol field) =>
        field is { IsStatic: true, IsConst: false, IsReadOnly: false, IsImplicitlyDeclared: false }
        && IsInSource(field)
        && !field.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "ThreadStaticAttribute");

    private static bool IsVariable(IPropertySymbol property) =>
        property is { IsStatic: true, SetMethod: not null }
        && IsInSource(property)
        && property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));

    private static bool IsInSource(ISymbol member) => member.Locations.Any(location => location.IsInSource);

    // Code that sets it too keeps something for itself in each process: a cache, a counter.
    private static bool IsSetIn(WorkerCode code, ISymbol variable) => code.Body.DescendantsAndSelf().Any(operation =>
        Target(operation) is IMemberReferenceOperation target
        && SymbolEqualityComparer.Default.Equals(target.Member, variable));

    private static IOperation? Target(IOperation operation) => operation switch
    {
        IAssignmentOperation assignment => assignment.Target,
        IIncrementOrDecrementOperation increment => increment.Target,
        IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument => argument.Value,
        _ => null,
    };
}
