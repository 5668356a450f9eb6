using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Lepton.Analyzers.Retrying;

/// <summary>
/// LPT002 and LPT003: finds what makes a piece of worker code give another result when it runs again, or elsewhere.
/// </summary>
internal sealed class RetryScan(Action<Diagnostic> report, CancellationToken cancellation)
{
    private readonly HashSet<Location> _reported = [];

    public void Run(WorkerCode code)
    {
        foreach (var operation in code.Body.DescendantsAndSelf())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Deed.Of(operation) is { } deed)
            {
                Report(code, operation, deed);
            }
            else if (StaticState.ReadBy(operation, code) is { } variable)
            {
                Report(code, operation, variable);
            }
            else if (Callee(operation) is { } method)
            {
                Follow(code, method, operation);
            }
        }
    }

    private void Report(WorkerCode code, IOperation operation, Deed deed)
    {
        var location = code.LocationOf(operation);
        if (_reported.Add(location))
        {
            report(Diagnostic.Create(
                Rules.Unrepeatable, location, code.Subject, code.Describe(deed.Verb), deed.Advice));
        }
    }

    private void Report(WorkerCode code, IOperation operation, string variable)
    {
        var location = code.LocationOf(operation);
        if (_reported.Add(location))
        {
            report(Diagnostic.Create(Rules.StaticState, location, code.Subject, code.Describe($"reads '{variable}'")));
        }
    }

    private static IMethodSymbol? Callee(IOperation operation) => operation switch
    {
        IInvocationOperation call => call.TargetMethod,
        IMethodReferenceOperation group => group.Method,
        IPropertyReferenceOperation property => property.Property.GetMethod,
        IObjectCreationOperation creation => creation.Constructor,
        _ => null,
    };

    private void Follow(WorkerCode code, IMethodSymbol method, IOperation call)
    {
        if (!code.IsCalled && !code.Contains(method) && MethodBodies.Of(method, call, cancellation) is { } body)
        {
            Run(code.Called(method, body, call));
        }
    }
}
