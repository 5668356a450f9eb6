using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Lepton.Analyzers.Capturing;

/// <summary>LPT001: finds what a piece of worker code captures, each thing once. One for each function.</summary>
internal sealed class CaptureScan(
    Sendability sendability, Action<Diagnostic> report, CancellationToken cancellation)
{
    private readonly HashSet<string> _reported = [];

    public void Run(WorkerCode code)
    {
        foreach (var operation in code.Body.DescendantsAndSelf())
        {
            cancellation.ThrowIfCancellationRequested();
            switch (operation)
            {
                case ILocalReferenceOperation { Local: { IsConst: false } local } when code.Captures(local):
                    Judge(code, operation, local.Name, local.Type);
                    break;
                case IParameterReferenceOperation { Parameter: var parameter } when code.Captures(parameter):
                    Judge(code, operation, parameter.Name, parameter.Type);
                    break;
                case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance } self:
                    JudgeThis(code, self);
                    break;
                case IInvocationOperation { TargetMethod.MethodKind: MethodKind.LocalFunction } call:
                    Follow(code, call.TargetMethod, call);
                    break;
                case IMethodReferenceOperation { Method.MethodKind: MethodKind.LocalFunction } group:
                    Follow(code, group.Method, group);
                    break;
            }
        }
    }

    // Of `this`, a worker gets the members that are used, or all where it is used as a whole.
    private void JudgeThis(WorkerCode code, IInstanceReferenceOperation self)
    {
        switch (self.Parent)
        {
            case IFieldReferenceOperation member when member.Instance == self:
                Judge(code, member, $"this.{member.Field.Name}", member.Field.Type);
                break;
            case IPropertyReferenceOperation member when member.Instance == self && IsStored(member.Property):
                Judge(code, member, $"this.{member.Property.Name}", member.Property.Type);
                break;
            case IPropertyReferenceOperation { Property.GetMethod: { } getter } member when member.Instance == self:
                Follow(code, getter, member);
                break;
            case IInvocationOperation call when call.Instance == self:
                Follow(code, call.TargetMethod, call);
                break;
            case IMethodReferenceOperation group when group.Instance == self:
                Follow(code, group.Method, group);
                break;
            case IMemberReferenceOperation:
                break;
            default:
                Judge(code, self, "this", self.Type);
                break;
        }
    }

    private void Judge(WorkerCode code, IOperation use, string name, ITypeSymbol? type)
    {
        if (sendability.ObstacleOf(type) is { } obstacle)
        {
            var path = string.Join(" → ", obstacle.Path.Prepend(name));
            Report(
                Rules.Unsendable,
                name,
                code.LocationOf(use),
                code.Subject,
                code.Quote(path),
                obstacle.Type.ToMinimalText(use),
                obstacle.Reason);
        }
        else if (Mutation.IsLocked(use))
        {
            Report(Rules.Lock, name, code.LocationOf(use), code.Subject, code.Quote(name));
        }
        else if (Mutation.IsChanged(use))
        {
            Report(Rules.LostWrite, name, code.LocationOf(use), code.Subject, code.Quote(name));
        }
    }

    private void Report(DiagnosticDescriptor rule, string name, Location location, params object[] words)
    {
        if (_reported.Add(name))
        {
            report(Diagnostic.Create(rule, location, words));
        }
    }

    private void Follow(WorkerCode code, IMethodSymbol method, IOperation call)
    {
        if (!code.IsCalled && !code.Contains(method)
            && MethodBodies.Of(method, call, cancellation) is { } body)
        {
            Run(code.Called(method, body, call));
        }
    }

    private static bool IsStored(IPropertySymbol property) =>
        !property.Locations.Any(location => location.IsInSource)
        || property.ContainingType.GetMembers().OfType<IFieldSymbol>()
            .Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, property));
}
