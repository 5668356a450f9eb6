using System.Globalization;
using Lepton.Torch.Modules;

namespace Lepton.Torch.Optimizers;

/// <summary>Exports and imports optimizers' states, comparing everything before anything is changed.</summary>
internal sealed class OptimizerStateTransfer(Optimizer optimizer)
{
    private const string Step = "step";

    public OptimizerState Export()
    {
        var tensors = new OrderedDictionary<string, Tensor>(StringComparer.Ordinal);
        var numbers = new OrderedDictionary<string, double>(StringComparer.Ordinal);
        for (int i = 0; i < optimizer.Groups.Count; i++)
        {
            ParameterGroup group = optimizer.Groups[i];
            numbers.Add(RateOf(i), group.LearningRate);
            numbers.Add(MomentumOf(i), group.Momentum);
            foreach (OptimizerEntry entry in group.Entries)
            {
                numbers.Add($"{entry.Name}.{Step}", entry.Steps);
                for (int slot = 0; slot < entry.Slots.Length; slot++)
                {
                    if (entry.Slots[slot] is { } tensor)
                    {
                        tensors.Add(KeyOf(entry, slot), tensor);
                    }
                }
            }
        }

        return new OptimizerState(tensors, numbers);
    }

    public StateDifferences Import(OptimizerState state, bool strict)
    {
        ArgumentNullException.ThrowIfNull(state);
        var missing = new List<string>();
        var misshapen = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (ParameterGroup group in optimizer.Groups)
        {
            foreach (OptimizerEntry entry in group.Entries)
            {
                Compare(group, entry, state, known, missing, misshapen);
            }
        }

        List<string> unexpected = [.. state.Tensors.Keys.Concat(StepsIn(state)).Where(key => !known.Contains(key))
            .Order(StringComparer.Ordinal)];
        var differences = new StateDifferences(missing, unexpected);
        if (misshapen.Count > 0 || (strict && !differences.IsEmpty))
        {
            throw new StateMismatchException(
                Describe(state, strict ? differences : new StateDifferences([], []), misshapen), differences,
                misshapen);
        }

        Copy(state);
        return differences;
    }

    private static string RateOf(int group) =>
        string.Create(CultureInfo.InvariantCulture, $"groups.{group}.learning_rate");

    private static string MomentumOf(int group) =>
        string.Create(CultureInfo.InvariantCulture, $"groups.{group}.momentum");

    private static IEnumerable<string> StepsIn(OptimizerState state) =>
        state.Numbers.Keys.Where(static key => key.EndsWith("." + Step, StringComparison.Ordinal));

    private string KeyOf(OptimizerEntry entry, int slot) => $"{entry.Name}.{optimizer.SlotNames[slot]}";

    private void Compare(
        ParameterGroup group, OptimizerEntry entry, OptimizerState state, HashSet<string> known, List<string> missing,
        List<string> misshapen)
    {
        string stepKey = $"{entry.Name}.{Step}";
        known.Add(stepKey);
        bool isKnown = state.Numbers.TryGetValue(stepKey, out double steps);
        if (!isKnown)
        {
            missing.Add(stepKey);
        }

        for (int slot = 0; slot < entry.Slots.Length; slot++)
        {
            string key = KeyOf(entry, slot);
            known.Add(key);
            if (!state.Tensors.TryGetValue(key, out Tensor? given))
            {
                if (isKnown && steps > 0 && slot < optimizer.SlotsNeededBy(group))
                {
                    missing.Add(key);
                }
            }
            else if (!given.Shape.SequenceEqual(entry.Tensor.Shape))
            {
                misshapen.Add($"{key}: the parameter is {entry.Tensor.Signature}, the state {given.Signature}");
            }
        }
    }

    private string Describe(OptimizerState state, StateDifferences differences, List<string> misshapen)
    {
        IEnumerable<string> lines = misshapen
            .Concat(differences.Missing.Select(static name => $"{name}: missing in the state"))
            .Concat(differences.Unexpected.Select(static name => $"{name}: not in the optimizer"));
        return $"The state of {state.Tensors.Count} tensors does not fit ({optimizer.GetType().Name}); nothing was " +
            $"loaded.\n  {string.Join("\n  ", lines)}\nMake the optimizer of the same model with the same options" +
            (misshapen.Count == 0 ? ", or load what fits with strict: false." : ".");
    }

    private void Copy(OptimizerState state)
    {
        using var noGrad = Torch.NoGrad();
        for (int i = 0; i < optimizer.Groups.Count; i++)
        {
            ParameterGroup group = optimizer.Groups[i];
            group.LearningRate = state.Numbers.GetValueOrDefault(RateOf(i), group.LearningRate);
            group.Momentum = state.Numbers.GetValueOrDefault(MomentumOf(i), group.Momentum);
            foreach (OptimizerEntry entry in group.Entries)
            {
                CopyEntry(state, entry);
            }
        }
    }

    private void CopyEntry(OptimizerState state, OptimizerEntry entry)
    {
        if (!state.Numbers.TryGetValue($"{entry.Name}.{Step}", out double steps))
        {
            return;
        }

        entry.Steps = (long)steps;
        for (int slot = 0; slot < entry.Slots.Length; slot++)
        {
            Tensor? before = entry.Slots[slot];
            entry.Slots[slot] = state.Tensors.TryGetValue(KeyOf(entry, slot), out Tensor? given)
                ? given.CopyTo(entry.Tensor.DType, entry.Tensor.Device).Persist()
                : null;
            before?.Dispose();
        }
    }
}
