using Lepton.Torch.Modules;

namespace Lepton.Torch.Optimizers;

/// <summary>
/// Changes parameters by their gradients. A step of training: forward, <c>loss.Backward()</c>, <see cref="Step"/>,
/// <see cref="ZeroGradients"/>.
/// </summary>
/// <remarks>
/// The order of operators is that of PyTorch's implementation of one tensor at a time, so the same weights and
/// gradients give the same bits. What it remembers of the parameters (momenta) belongs to it and is freed by
/// <see cref="Dispose()"/>. Not thread safe.
/// </remarks>
public abstract class Optimizer : IDisposable
{
    private readonly OptimizerEntry[] _entries;
    private readonly Tensor[] _tensors;

    private protected Optimizer(
        IEnumerable<ParameterGroup> groups, OptimizerOptions defaults, params string[] slotNames)
    {
        ArgumentNullException.ThrowIfNull(groups);
        Groups = [.. groups];
        SlotNames = slotNames;
        foreach (ParameterGroup group in Groups)
        {
            OptimizerOptions options = group.Given ?? defaults;
            if (options.GetType() != defaults.GetType())
            {
                throw new ArgumentException(
                    $"A group of {GetType().Name} has {options.GetType().Name}; it takes {defaults.GetType().Name}.",
                    nameof(groups));
            }

            group.Begin(options, slotNames.Length);
        }

        _entries = [.. Groups.SelectMany(static group => group.Entries)];
        _tensors = [.. _entries.Select(static entry => entry.Tensor)];
        RequireDistinct();
    }

    /// <summary>The parameters, with the rates of the next step.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>What it remembers of each parameter, by PyTorch's names, such as <c>exp_avg</c>.</summary>
    internal IReadOnlyList<string> SlotNames { get; }

    internal IReadOnlyList<OptimizerEntry> Entries => _entries;

    /// <summary>Changes each parameter that has a gradient; the others stay as they are.</summary>
    /// <exception cref="TorchOperatorException">An operator refused; the message names the parameter.</exception>
    public void Step()
    {
        using var noGrad = Torch.NoGrad();
        foreach (ParameterGroup group in Groups)
        {
            foreach (OptimizerEntry entry in group.Entries)
            {
                nint gradient = StepCalls.GradientOf(entry.Tensor.Handle);
                if (gradient != 0)
                {
                    Update(group, entry, gradient);
                }
            }
        }
    }

    /// <summary>Removes the parameters' gradients, or makes them zeros in place.</summary>
    /// <param name="toNull">False where gradients are views of a reducer's buckets, which must stay.</param>
    public void ZeroGradients(bool toNull = true) => TensorGradients.ZeroGradients(_tensors, toNull);

    /// <summary>
    /// Scales all gradients so that their common p-norm is at most <paramref name="normMax"/>: PyTorch's
    /// <c>clip_grad_norm_</c>. Between backward and step.
    /// </summary>
    /// <returns>The norm before.</returns>
    public double ClipGradients(double normMax, double p = 2) =>
        TensorGradients.ClipGradients(_tensors, normMax, p);

    /// <summary>
    /// Brings each element of all gradients between -<paramref name="valueMax"/> and it: <c>clip_grad_value_</c>.
    /// </summary>
    public void ClipGradientValues(double valueMax)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(valueMax);
        using var noGrad = Torch.NoGrad();
        using var scope = new TensorScope();
        foreach (Tensor tensor in _tensors)
        {
            tensor.Grad?.ClampInPlace(-valueMax, valueMax);
        }
    }

    /// <summary>What it remembers, by the parameters' names: the optimizer's own tensors, not copies.</summary>
    public OptimizerState ExportState() => new OptimizerStateTransfer(this).Export();

    /// <summary>Copies what another optimizer of the same kind remembers of parameters of the same names.</summary>
    /// <param name="state">The state; it stays the caller's.</param>
    /// <param name="strict">
    /// Whether names must be the same; false where this optimizer has only some of the parameters.
    /// </param>
    /// <returns>What was missing or unexpected; nothing where <paramref name="strict"/>.</returns>
    /// <exception cref="StateMismatchException">
    /// Names or shapes differ; the message has all of them, and nothing was changed.
    /// </exception>
    public StateDifferences ImportState(OptimizerState state, bool strict = true) =>
        new OptimizerStateTransfer(this).Import(state, strict);

    /// <summary>Frees what it remembers; the parameters stay.</summary>
    public void Dispose()
    {
        foreach (OptimizerEntry entry in _entries)
        {
            foreach (Tensor? slot in entry.Slots)
            {
                slot?.Dispose();
            }
        }

        GC.SuppressFinalize(this);
    }

    internal int SlotsNeededBy(ParameterGroup group) => SlotsNeeded(group);

    /// <summary>How many of the slots, from the first, a parameter has behind a step.</summary>
    private protected abstract int SlotsNeeded(ParameterGroup group);

    /// <summary>All parameters of a model as one group.</summary>
    private protected static ParameterGroup GroupOf(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new ParameterGroup(model.NamedParameters());
    }

    /// <summary>Changes one parameter.</summary>
    /// <param name="group">Its options and rates.</param>
    /// <param name="entry">The parameter and what is remembered of it.</param>
    /// <param name="parameter">The parameter's handle.</param>
    /// <param name="gradient">The gradient's handle, penalties added; not to be changed.</param>
    private protected abstract void Apply(ParameterGroup group, OptimizerEntry entry, nint parameter, nint gradient);

    /// <summary>Whether L2 goes into the gradient; <see cref="AdamW"/> has its own way.</summary>
    private protected virtual bool DecaysByGradient => true;

    private void Update(ParameterGroup group, OptimizerEntry entry, nint gradient)
    {
        nint parameter = entry.Tensor.Handle;
        OptimizerOptions options = group.Options;
        try
        {
            if (options.Maximize)
            {
                Replace(ref gradient, StepCalls.Negate(gradient));
            }

            if (options.WeightDecay != 0 && DecaysByGradient)
            {
                Replace(ref gradient, StepCalls.Add(gradient, parameter, options.WeightDecay));
            }

            if (options.L1Penalty != 0)
            {
                nint sign = StepCalls.Sign(parameter);
                try
                {
                    Replace(ref gradient, StepCalls.Add(gradient, sign, options.L1Penalty));
                }
                finally
                {
                    StepCalls.Release(sign);
                }
            }

            entry.Steps++;
            Apply(group, entry, parameter, gradient);
        }
        catch (TorchOperatorException e)
        {
            throw new TorchOperatorException(
                e.OperatorName, e.Reason, $"Step of the parameter {entry.Name} ({entry.Tensor.Signature}): {e.Message}",
                e);
        }
        finally
        {
            StepCalls.Release(gradient);
        }
    }

    private static void Replace(ref nint gradient, nint other)
    {
        StepCalls.Release(gradient);
        gradient = other;
    }

    private void RequireDistinct()
    {
        var faults = new List<string>();
        if (_entries.Length == 0)
        {
            faults.Add("there is no parameter");
        }

        faults.AddRange(_entries.GroupBy(static entry => entry.Name, StringComparer.Ordinal)
            .Where(static same => same.Count() > 1).Select(static same => $"{same.Key} is there {same.Count()} times"));
        faults.AddRange(_entries.GroupBy(static entry => entry.Tensor, ReferenceEqualityComparer.Instance)
            .Where(static same => same.Select(static entry => entry.Name).Distinct().Count() > 1)
            .Select(static same =>
                $"{string.Join(" and ", same.Select(static entry => entry.Name))} are one parameter"));
        if (faults.Count > 0)
        {
            throw new ArgumentException($"{GetType().Name}: {string.Join("; ", faults)}.");
        }
    }
}
