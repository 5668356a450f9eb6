namespace Lepton.Compute.Functions;

/// <summary>One step of the way from what is sent to a value in it: a list that shares its beginning with others.</summary>
/// <param name="Outer">The step before; null at the start.</param>
/// <param name="Label">What the user calls it; null for steps that he didn't write.</param>
/// <param name="Function">Set where the step is a function.</param>
internal sealed record PathStep(PathStep? Outer, string? Label, Delegate? Function = null)
{
    /// <summary>A step further.</summary>
    public PathStep To(string? label) => label is null ? this : new PathStep(this, label);

    /// <summary>A refusal of the value at the end of this path.</summary>
    public UnsendableException Refuse(Type? type, string reason, Exception? cause = null)
    {
        List<PathStep> steps = [];
        for (PathStep? step = this; step is not null; step = step.Outer)
        {
            steps.Add(step);
        }

        steps.Reverse();

        // What stands before the first function are fields of Lepton's plan, which tell the user nothing.
        int first = Math.Max(0, steps.FindIndex(static s => s.Function is not null));
        List<string> path = [];
        foreach (PathStep step in steps[first..])
        {
            if (step.Function is not null)
            {
                path.Add(DescribeFunction(step.Function));
            }
            else if (step.Label is not null)
            {
                path.Add(step.Label);
            }
        }

        if (type is not null)
        {
            path = path.Count == 0 ? [TypeText.Full(type)] : [.. path[..^1], $"{path[^1]} : {TypeText.Full(type)}"];
        }

        string subject = steps[first].Function is not { } function ? "This value"
            : FunctionName.IsLambda(function.Method) ? "This lambda"
            : "This function";
        return new UnsendableException(subject, path, reason, cause);
    }

    private static string DescribeFunction(Delegate function)
    {
        string name = FunctionName.Describe(function);
        return SourceLine.Of(function.Method) is { } line ? $"{name} ({line})" : name;
    }
}
