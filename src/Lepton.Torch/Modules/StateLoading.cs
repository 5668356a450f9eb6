using System.Text;

namespace Lepton.Torch.Modules;

/// <summary>
/// Copies tensors by name, after everything was compared: all differences are told at once, and nothing is half loaded.
/// </summary>
internal static class StateLoading
{
    /// <param name="source">What the message says that the state is of: a file, or a class.</param>
    /// <param name="targets">What is copied into.</param>
    /// <param name="state">What is copied.</param>
    /// <param name="strict">Whether names must be the same.</param>
    public static StateDifferences Load(
        string source, IReadOnlyDictionary<string, Tensor> targets, IReadOnlyDictionary<string, Tensor> state,
        bool strict)
    {
        ArgumentNullException.ThrowIfNull(state);
        var differences = new StateDifferences(
            [.. targets.Keys.Where(name => !state.ContainsKey(name))],
            [.. state.Keys.Where(name => !targets.ContainsKey(name)).Order(StringComparer.Ordinal)]);
        List<string> misshapen = [.. targets
            .Where(target => state.TryGetValue(target.Key, out Tensor? given)
                && !given.Shape.SequenceEqual(target.Value.Shape))
            .Select(static target => target.Key)];
        if (misshapen.Count > 0 || (strict && !differences.IsEmpty))
        {
            throw new StateMismatchException(
                Describe(source, targets, state, strict ? differences : new StateDifferences([], []), misshapen),
                differences, misshapen);
        }

        using var noGrad = Torch.NoGrad();
        foreach ((string name, Tensor target) in targets)
        {
            if (state.TryGetValue(name, out Tensor? given))
            {
                target.CopyFrom(given);
            }
        }

        return differences;
    }

    private static string Describe(
        string source, IReadOnlyDictionary<string, Tensor> targets, IReadOnlyDictionary<string, Tensor> state,
        StateDifferences differences, List<string> misshapen)
    {
        var text = new StringBuilder($"The state does not fit ({source}); nothing was loaded.");
        foreach (string name in misshapen)
        {
            text.Append($"\n  {name}: the model has {targets[name].Signature}, the state {state[name].Signature}");
        }

        foreach (string name in differences.Missing)
        {
            text.Append($"\n  {name}: missing in the state; the model has {targets[name].Signature}");
        }

        foreach (string name in differences.Unexpected)
        {
            text.Append($"\n  {name}: not in the model; the state has {state[name].Signature}");
        }

        text.Append("\nBuild the model with the sizes and names of the one that was saved");
        return text.Append(
            misshapen.Count == 0 ? ", or load what fits with strict: false." : ".").ToString();
    }
}
