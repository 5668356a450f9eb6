using System.Reflection;

namespace Lepton.Compute.Functions;

/// <summary>
/// One step of the way from what is sent to a value in it: a list that shares its beginning with others. Its text is
/// made only when something is refused.
/// </summary>
internal sealed class PathStep
{
    private readonly PathStep? _outer;
    private readonly string? _text;
    private readonly FieldInfo? _field;
    private readonly int _index = -1;
    private readonly Delegate? _function;

    private PathStep(PathStep? outer, string? text, FieldInfo? field, int index, Delegate? function)
    {
        _outer = outer;
        _text = text;
        _field = field;
        _index = index;
        _function = function;
    }

    /// <summary>Where every path begins.</summary>
    public static PathStep Root { get; } = new(null, null, null, -1, null);

    /// <summary>A step further, named by <paramref name="text"/>.</summary>
    public PathStep To(string text) => new(this, text, null, -1, null);

    /// <summary>A step into a field.</summary>
    public PathStep To(FieldInfo field) => new(this, null, field, -1, null);

    /// <summary>A step into an element.</summary>
    public PathStep To(int index) => new(this, null, null, index, null);

    /// <summary>A step into a function.</summary>
    public PathStep To(Delegate function) => new(this, null, null, -1, function);

    /// <summary>
    /// A refusal of the value at the end of this path; <paramref name="type"/> is its type, if that says something.
    /// </summary>
    public UnsendableException Refuse(Type? type, string reason)
    {
        List<PathStep> steps = [];
        for (PathStep? step = this; step is not null; step = step._outer)
        {
            steps.Add(step);
        }

        steps.Reverse();

        // What stands before the user's function are Lepton's plan and functions, which tell him nothing.
        int users = steps.FindIndex(static s => s.IsUsersFunction);
        int first = users >= 0 ? users : Math.Max(0, steps.FindIndex(static s => s._function is not null));
        List<string> path = [.. steps[first..].Select(static s => s.Describe()).OfType<string>()];
        if (type is not null)
        {
            path = path.Count == 0 ? [TypeText.Full(type)] : [.. path[..^1], $"{path[^1]} : {TypeText.Full(type)}"];
        }

        string subject = steps[first]._function is not { } function ? "This value"
            : FunctionName.IsLambda(function.Method) ? "This lambda"
            : "This function";
        return new UnsendableException(subject, path, reason);
    }

    private bool IsUsersFunction =>
        _function is not null && _function.Method.Module.Assembly != typeof(PathStep).Assembly;

    /// <summary>What the user calls it; null for a step that he didn't write.</summary>
    private string? Describe()
    {
        if (_function is not null)
        {
            string name = FunctionName.Describe(_function);
            return SourceLine.Of(_function.Method) is { } line ? $"{name} ({line})" : name;
        }

        if (_field is not null)
        {
            return Modules.IsFramework(_field.Module.Assembly) ? null : CompilerNames.UserName(_field);
        }

        return _index >= 0 ? $"[{_index}]" : _text;
    }
}
