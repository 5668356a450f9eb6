using Microsoft.CodeAnalysis;

namespace Lepton.Analyzers;

/// <summary>Code that runs on workers: a lambda, a method, or what one of them calls.</summary>
/// <param name="subject">How messages start: "The lambda passed to 'Select'".</param>
/// <param name="symbol">The lambda or method.</param>
/// <param name="body">Its operations.</param>
/// <param name="location">Where to report all that is found; null: where it is found.</param>
internal sealed class WorkerCode(string subject, IMethodSymbol symbol, IOperation body, Location? location = null)
{
    private string? _calledName;

    public string Subject { get; } = subject;

    public IOperation Body { get; } = body;

    /// <summary>Was this reached by a call? Then nothing that it calls is looked at.</summary>
    public bool IsCalled => _calledName is not null;

    /// <summary>Code that this code calls at <paramref name="call"/>; findings in it are reported there.</summary>
    public WorkerCode Called(IMethodSymbol method, IOperation methodBody, IOperation call) =>
        new(Subject, method, methodBody, LocationOf(call))
        {
            _calledName = method.AssociatedSymbol?.Name ?? method.Name,
        };

    /// <summary>Was the variable declared outside this code?</summary>
    public bool Captures(ISymbol variable) => !IsInside(variable)
        && !variable.DeclaringSyntaxReferences.Any(reference =>
            reference.SyntaxTree == Body.Syntax.SyntaxTree && Body.Syntax.Span.Contains(reference.Span));

    /// <summary>Is the method a local function or lambda inside this code, or this code itself?</summary>
    public bool Contains(IMethodSymbol method) =>
        SymbolEqualityComparer.Default.Equals(method, symbol) || IsInside(method);

    public Location LocationOf(IOperation found) => location ?? found.Syntax.GetLocation();

    /// <summary>The name in quotes, with the way to it where it is not in the lambda itself.</summary>
    public string Quote(string name) => IsCalled ? $"'{name}' (through '{_calledName}')" : $"'{name}'";

    /// <summary>What the code does, such as "reads the clock", with the way to it.</summary>
    public string Describe(string deed) => IsCalled ? $"calls '{_calledName}', which {deed}" : deed;

    private bool IsInside(ISymbol inner)
    {
        for (var outer = inner.ContainingSymbol; outer is not null; outer = outer.ContainingSymbol)
        {
            if (SymbolEqualityComparer.Default.Equals(outer, symbol))
            {
                return true;
            }
        }

        return false;
    }
}
