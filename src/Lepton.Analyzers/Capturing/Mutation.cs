using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Lepton.Analyzers.Capturing;

/// <summary>Tells whether a use of a variable changes it, or what it holds.</summary>
internal static class Mutation
{
    private static readonly HashSet<string> s_changingMethods = new(StringComparer.Ordinal)
    {
        "Add", "AddFirst", "AddLast", "AddOrUpdate", "AddRange", "Append", "AppendLine", "Clear", "Dequeue", "Enqueue",
        "ExceptWith", "GetOrAdd", "Insert", "InsertRange", "IntersectWith", "Pop", "Push", "Remove", "RemoveAll",
        "RemoveAt", "RemoveFirst", "RemoveLast", "RemoveRange", "RemoveWhere", "Sort", "SymmetricExceptWith", "TryAdd",
        "TryDequeue", "TryPop", "TryRemove", "TryUpdate", "UnionWith",
    };

    /// <summary>Is it assigned, counted up, passed by reference, or a collection that is added to?</summary>
    public static bool IsChanged(IOperation use)
    {
        var whole = Outermost(use);
        return whole.Parent switch
        {
            ISimpleAssignmentOperation { IsRef: false } assignment => assignment.Target == whole,
            ICompoundAssignmentOperation assignment => assignment.Target == whole,
            ICoalesceAssignmentOperation assignment => assignment.Target == whole,
            IIncrementOrDecrementOperation step => step.Target == whole,
            IArgumentOperation argument => argument.Parameter?.RefKind is RefKind.Ref or RefKind.Out,
            ITupleOperation tuple => IsDeconstructionTarget(tuple),
            IInvocationOperation call => call.Instance == whole && IsChangingCall(call.TargetMethod),
            _ => false,
        };
    }

    /// <summary>Is it what a <c>lock</c> statement locks?</summary>
    public static bool IsLocked(IOperation use)
    {
        var whole = use;
        while (whole.Parent is IConversionOperation conversion)
        {
            whole = conversion;
        }

        return whole.Parent is ILockOperation statement && statement.LockedValue == whole;
    }

    // `state.Totals[i]` for `state`: to change a part is to change the whole.
    private static IOperation Outermost(IOperation use)
    {
        while (true)
        {
            switch (use.Parent)
            {
                case IMemberReferenceOperation member and not IMethodReferenceOperation when member.Instance == use:
                    use = member;
                    break;
                case IArrayElementReferenceOperation element when element.ArrayReference == use:
                    use = element;
                    break;
                case IParenthesizedOperation parentheses:
                    use = parentheses;
                    break;
                default:
                    return use;
            }
        }
    }

    private static bool IsDeconstructionTarget(IOperation tuple)
    {
        var outer = tuple;
        while (outer.Parent is ITupleOperation)
        {
            outer = outer.Parent;
        }

        return outer.Parent is IDeconstructionAssignmentOperation assignment && assignment.Target == outer;
    }

    private static bool IsChangingCall(IMethodSymbol method)
    {
        var space = method.ContainingType.ContainingNamespace?.ToDisplayString() ?? "";
        return s_changingMethods.Contains(method.Name)
            && (space == "System.Text" || space.StartsWith("System.Collections", StringComparison.Ordinal))
            && space is not ("System.Collections.Immutable" or "System.Collections.Frozen");
    }
}
