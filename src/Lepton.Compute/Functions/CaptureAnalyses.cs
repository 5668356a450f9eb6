using System.Globalization;
using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>Analyses functions and keeps the results. Not thread safe.</summary>
internal sealed class CaptureAnalyses
{
    private readonly Dictionary<(MethodInfo Method, string Captured), CaptureNeeds> _known = [];

    /// <summary>What the function needs of its target, which must not be null, and of the scopes around that.</summary>
    public CaptureNeeds Of(Delegate function)
    {
        // The same code may need more of a subclass that overrides a method which it calls.
        List<Type> captured = OuterScopes(function.Target!);
        string key = string.Join(
            ' ', captured.Select(t => t.TypeHandle.Value.ToString("x", CultureInfo.InvariantCulture)));
        if (!_known.TryGetValue((function.Method, key), out CaptureNeeds? needs))
        {
            needs = CaptureAnalysis.Run(function.Method, captured);
            _known.Add((function.Method, key), needs);
        }

        return needs;
    }

    /// <summary>
    /// The types of the target and of all that it reaches as outer scopes, in the order found, the target's first.
    /// </summary>
    private static List<Type> OuterScopes(object target)
    {
        List<Type> types = [];
        Stack<object> open = new([target]);
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        while (open.TryPop(out object? scope))
        {
            if (!seen.Add(scope))
            {
                continue;
            }

            if (!types.Contains(scope.GetType()))
            {
                types.Add(scope.GetType());
            }

            foreach (FieldInfo field in ObjectFields.Of(scope.GetType()))
            {
                if (CompilerNames.IsLinkToOuterScope(field) && field.GetValue(scope) is { } outer)
                {
                    open.Push(outer);
                }
            }
        }

        return types;
    }
}
