using System.Reflection;
using System.Runtime.CompilerServices;
using Lepton.Core.Records;

namespace Lepton.Compute.Functions;

/// <summary>
/// Walks an object graph before anything is written: finds out which fields of which closures are needed by any of the
/// functions in it, and refuses what can't be sent, naming the path to it. One instance surveys one graph.
/// </summary>
internal sealed class CaptureSurvey(SendRules rules, CaptureAnalyses analyses) : IDisposable
{
    /// <summary>
    /// How deep objects may hang below each other, in the driver and in the worker, whatever their stacks hold.
    /// </summary>
    public const int DepthMax = 2000;

    private readonly HashSet<object> _whole = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, SortedSet<int>> _partial = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<object, (int Offset, int Length)> _bulk = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _functions = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<Visited> _visited = [];
    private readonly RecordWriter _bulkBytes = new();
    private int _depth;

    /// <summary>The fields of an object to be sent, by number; null for all.</summary>
    public IEnumerable<int>? NeededFields(object value) =>
        !_whole.Contains(value) && _partial.TryGetValue(value, out SortedSet<int>? needed) ? needed : null;

    /// <summary>
    /// What the codec made of a collection of plain records; false when it must go element by element.
    /// </summary>
    public bool TryGetBulk(object value, out ReadOnlySpan<byte> bytes)
    {
        bool found = _bulk.TryGetValue(value, out (int Offset, int Length) at);
        bytes = found ? _bulkBytes.WrittenSpan.Slice(at.Offset, at.Length) : default;
        return found;
    }

    /// <summary>Surveys all that <paramref name="value"/> reaches.</summary>
    /// <exception cref="UnsendableException">Something in it can't be sent.</exception>
    public void Visit(object? value, PathStep path)
    {
        if (value is null)
        {
            return;
        }

        SendRule rule = rules.For(value.GetType());
        switch (rule.Kind)
        {
            case SendKind.Leaf or SendKind.Type:
                return;
            case SendKind.Refused:
                throw path.Refuse(value.GetType(), rule.Reason);
            case SendKind.Bulk:
                VisitBulk(value, rule, path);
                return;
        }

        if (++_depth > DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw path.Refuse(value.GetType(), $"Objects hang below each other more than {DepthMax:N0} deep here. " +
                "Put the objects of a long chain into an array instead.");
        }

        if (value is Delegate function)
        {
            VisitFunction(function, path);
        }
        else
        {
            VisitParts(value, rule, path);
        }

        _depth--;
    }

    /// <inheritdoc/>
    public void Dispose() => _bulkBytes.Dispose();

    private void VisitBulk(object value, SendRule rule, PathStep path)
    {
        if (_bulk.ContainsKey(value) || _whole.Contains(value))
        {
            return;
        }

        int start = _bulkBytes.Length;
        try
        {
            rule.Codec!.WriteObject(_bulkBytes, value);
            _bulk.Add(value, (start, _bulkBytes.Length - start));
        }
        catch (UncodableValueException)
        {
            // A subclass among the elements, a cycle, a comparer of its own: all that goes one by one.
            _bulkBytes.Truncate(start);
            VisitParts(value, SendRules.OneByOne(value.GetType()), path);
        }
    }

    private void VisitParts(object value, SendRule rule, PathStep path)
    {
        if (!value.GetType().IsValueType && !_whole.Add(value))
        {
            return;
        }

        switch (rule.Kind)
        {
            case SendKind.Array:
                VisitArray((Array)value, path);
                break;
            case SendKind.Hashed:
                Visit(rule.Shape!.Comparer(value), path.To("its comparer"));
                VisitArray(rule.Shape.Entries(value), path);
                break;
            case SendKind.Rebuilt:
                if (rule.Rebuilder!.Parts(value) is null)
                {
                    throw path.Refuse(value.GetType(), "It depends on the culture of this process. Use " +
                        "StringComparer.Ordinal or StringComparer.InvariantCulture.");
                }

                break;
            default:
                for (int i = 0; i < rule.Fields!.Length; i++)
                {
                    if (rule.IsSent![i])
                    {
                        Visit(rule.Fields[i].GetValue(value), path.To(rule.Fields[i]));
                    }
                }

                break;
        }
    }

    private void VisitArray(Array array, PathStep path)
    {
        for (int dimension = 0; dimension < array.Rank; dimension++)
        {
            if (array.GetLowerBound(dimension) != 0)
            {
                throw path.Refuse(array.GetType(), "An array that starts at another index than 0 can't be sent. " +
                    "Copy it into one that does.");
            }
        }

        int index = 0;
        foreach (object? element in array)
        {
            Visit(element, path.To(index++));
        }
    }

    private void VisitFunction(Delegate function, PathStep path)
    {
        if (!_functions.Add(function))
        {
            return;
        }

        PathStep step = path.To(function);
        int methods = function.GetInvocationList().Length;
        if (methods > 1)
        {
            throw step.Refuse(null, Refusals.Multicast(methods));
        }

        Assembly assembly = function.Method.Module.Assembly;
        if (function.Method.DeclaringType is null || assembly.IsDynamic || assembly.Location.Length == 0)
        {
            throw step.Refuse(null, Refusals.NoFile(assembly));
        }

        if (function.Target is not { } target)
        {
            return;
        }

        CaptureNeeds needs = analyses.Of(function);
        if (needs.Writes.Count > 0)
        {
            string variable = CompilerNames.UserName(needs.Writes[0])!;
            throw step.To(variable).Refuse(null, $"The lambda assigns to the captured variable '{variable}'. Every " +
                "worker would change a copy of its own, and the caller's variable would stay as it is. Return " +
                "values from the lambda and combine them with an aggregate (Count, Sum, Aggregate), or declare the " +
                "variable inside the lambda.");
        }

        VisitCaptured(target, needs, CompilerNames.IsClosureClass(target.GetType()) ? step : step.To("this"));
    }

    /// <summary>Visits a closure, or <c>this</c>, as far as a function needs it.</summary>
    private void VisitCaptured(object scope, CaptureNeeds needs, PathStep path)
    {
        SendRule rule = rules.For(scope.GetType());
        if (rule.Kind != SendKind.Fields || needs.NeedsWhole(scope.GetType()))
        {
            if (scope.GetType().IsValueType)
            {
                // Boxed structs are not entered when they are visited as values.
                _whole.Add(scope);
            }

            Visit(scope, path);
            return;
        }

        if (!_visited.Add(new Visited(scope, needs)))
        {
            return;
        }

        if (!_partial.TryGetValue(scope, out SortedSet<int>? needed))
        {
            needed = [];
            _partial.Add(scope, needed);
        }

        for (int i = 0; i < rule.Fields!.Length; i++)
        {
            FieldInfo field = rule.Fields[i];
            if (!rule.IsSent![i] || !needs.Reads(field))
            {
                continue;
            }

            needed.Add(i);
            object? value = field.GetValue(scope);
            if (CompilerNames.IsLinkToOuterScope(field) && value is not null)
            {
                VisitCaptured(value, needs, path.To(field));
            }
            else
            {
                Visit(value, path.To(field));
            }
        }
    }

    /// <summary>A scope that was visited on behalf of a function; both count by identity.</summary>
    private readonly struct Visited(object scope, CaptureNeeds needs) : IEquatable<Visited>
    {
        private readonly object _scope = scope;
        private readonly CaptureNeeds _needs = needs;

        public bool Equals(Visited other) =>
            ReferenceEquals(_scope, other._scope) && ReferenceEquals(_needs, other._needs);

        public override bool Equals(object? obj) => obj is Visited other && Equals(other);

        public override int GetHashCode() =>
            HashCode.Combine(RuntimeHelpers.GetHashCode(_scope), RuntimeHelpers.GetHashCode(_needs));
    }
}
