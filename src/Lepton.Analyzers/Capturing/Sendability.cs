using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace Lepton.Analyzers.Capturing;

/// <summary>
/// Tells whether values of a type can be sent to a worker, judged by the declared type: the run-time check of
/// Lepton.Compute has the last word. One for each compilation; thread safe.
/// </summary>
internal sealed class Sendability
{
    private const int DepthMax = 4;

    private readonly ConcurrentDictionary<ITypeSymbol, Obstacle?> _known = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<ITypeSymbol, string> _reasons = new(SymbolEqualityComparer.Default);
    private readonly HashSet<string> _allowed;
    private readonly INamedTypeSymbol? _asyncDisposable;

    /// <param name="compilation">Where types are looked up.</param>
    /// <param name="allowed">Full names of types that are sendable, whatever the rules say.</param>
    public Sendability(Compilation compilation, IEnumerable<string> allowed)
    {
        _allowed = [.. allowed];
        _asyncDisposable = compilation.GetTypeByMetadataName("System.IAsyncDisposable");
        foreach (var pair in Reasons.ByTypeName)
        {
            if (compilation.GetTypeByMetadataName(pair.Key) is { } type)
            {
                _reasons[type] = pair.Value;
            }
        }
    }

    /// <summary>What keeps values of <paramref name="type"/> at home; null if nothing is known to.</summary>
    public Obstacle? ObstacleOf(ITypeSymbol? type) => type is null ? null : _known.GetOrAdd(type, t => Find(t, []));

    private Obstacle? Find(ITypeSymbol type, List<ITypeSymbol> outer)
    {
        if (_allowed.Contains(NameOf(type)) || outer.Count >= DepthMax
            || outer.Any(t => SymbolEqualityComparer.Default.Equals(t, type)))
        {
            return null;
        }

        if (ReasonFor(type) is { } reason)
        {
            return new Obstacle([], type, reason);
        }

        outer.Add(type);
        var found = InParts(type, outer);
        outer.RemoveAt(outer.Count - 1);
        return found;
    }

    private Obstacle? InParts(ITypeSymbol type, List<ITypeSymbol> outer)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                return Find(array.ElementType, outer) is { } element ? new Obstacle([], type, element.Reason) : null;
            case ITypeParameterSymbol parameter:
                return First(parameter.ConstraintTypes, outer);
            case INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } named when IsOfThisSource(named):
                return InFields(named, outer);
            case INamedTypeSymbol named when IsContainer(named):
                return First(named.TypeArguments, outer) is { } argument
                    ? new Obstacle([], type, argument.Reason)
                    : null;
            default:
                return null;
        }
    }

    private Obstacle? First(IEnumerable<ITypeSymbol> types, List<ITypeSymbol> outer) =>
        types.Select(type => Find(type, outer)).FirstOrDefault(found => found is not null);

    private Obstacle? InFields(INamedTypeSymbol type, List<ITypeSymbol> outer)
    {
        for (var declaring = type; declaring is not null && IsOfThisSource(declaring); declaring = declaring.BaseType)
        {
            foreach (var field in declaring.GetMembers().OfType<IFieldSymbol>().Where(IsSent))
            {
                if (Find(field.Type, outer) is { } found)
                {
                    return found.Under((field.AssociatedSymbol ?? field).Name);
                }
            }
        }

        return null;
    }

    private static bool IsSent(IFieldSymbol field) =>
        !field.IsStatic && !field.IsConst
        && !field.GetAttributes().Any(attribute =>
            attribute.AttributeClass?.Name is "NonSerializedAttribute" or "NotSentAttribute");

    private static bool IsOfThisSource(INamedTypeSymbol type) => type.Locations.Any(location => location.IsInSource);

    // Types whose values hold values of their type arguments.
    private static bool IsContainer(INamedTypeSymbol type) =>
        type.IsTupleType
        || type.ContainingNamespace.ToDisplayString().StartsWith("System.Collections", StringComparison.Ordinal)
        || (type.ContainingNamespace.ToDisplayString() == "System" && type.Name is "Nullable" or "Tuple" or "Lazy");

    private string? ReasonFor(ITypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)
        {
            return Reasons.Native;
        }

        if (type.IsRefLikeType)
        {
            return Reasons.Span;
        }

        return ReasonByName(type) ?? ReasonByDisposal(type);
    }

    private string? ReasonByName(ITypeSymbol type)
    {
        for (var declaring = type; declaring is not null; declaring = declaring.BaseType)
        {
            if (MarkedReason(declaring) is { } marked)
            {
                return marked;
            }

            if (_reasons.TryGetValue(declaring.OriginalDefinition, out var reason))
            {
                return reason;
            }

            if (LeptonNames.IsOfCompute(declaring) && DriverReason(declaring.Name) is { } driver)
            {
                return driver;
            }
        }

        return type.AllInterfaces
            .Select(contract => _reasons.TryGetValue(contract.OriginalDefinition, out var reason) ? reason : null)
            .FirstOrDefault(reason => reason is not null)
            ?? (type.ContainingNamespace?.ToDisplayString() == "System.Collections.Concurrent" ? Reasons.Shared : null);
    }

    private static string? DriverReason(string name) =>
        name.EndsWith("Dataset", StringComparison.Ordinal) ? Reasons.Dataset
        : name.EndsWith("Session", StringComparison.Ordinal) ? Reasons.Session
        : null;

    // Classes of Lepton that must stay at home carry their own words.
    private static string? MarkedReason(ITypeSymbol type) =>
        type.GetAttributes()
            .Where(attribute => attribute.AttributeClass is { Name: "UnsendableAttribute" } marker
                && LeptonNames.IsOfCompute(marker))
            .Select(attribute => attribute.ConstructorArguments.FirstOrDefault().Value as string)
            .FirstOrDefault();

    // Classes of Lepton are judged by name and mark alone: it knows how to send its own.
    private string? ReasonByDisposal(ITypeSymbol type)
    {
        var contracts = type.TypeKind == TypeKind.Interface ? type.AllInterfaces.Append(type) : type.AllInterfaces;
        return !LeptonNames.IsOfLepton(type) && contracts.Any(contract =>
            contract.SpecialType == SpecialType.System_IDisposable
            || SymbolEqualityComparer.Default.Equals(contract, _asyncDisposable))
            ? Reasons.Disposable
            : null;
    }

    private static string NameOf(ITypeSymbol type) =>
        type.OriginalDefinition.ToDisplayString(SymbolDisplayFormat.CSharpErrorMessageFormat.WithGenericsOptions(
            SymbolDisplayGenericsOptions.None));
}
