using Lepton.Torch.Modules;

namespace Lepton.Torch.Optimizers;

/// <summary>
/// <see cref="Adam"/> whose weight decay stays out of the means: PyTorch's <c>optim.AdamW</c> (Loshchilov and Hutter,
/// "Decoupled Weight Decay Regularization").
/// </summary>
public sealed class AdamW : Optimizer
{
    /// <summary>Trains all parameters of a model.</summary>
    public AdamW(Module model, AdamWOptions? options = null)
        : this([GroupOf(model)], options)
    {
    }

    /// <summary>Trains groups of parameters; those without options of their own get these.</summary>
    public AdamW(IEnumerable<ParameterGroup> groups, AdamWOptions? options = null)
        : base(groups, options ?? new AdamWOptions(), AdamStep.SlotNames)
    {
    }

    private protected override bool DecaysByGradient => false;

    private protected override int SlotsNeeded(ParameterGroup group) => AdamStep.SlotsNeeded(group);

    private protected override void Apply(
        ParameterGroup group, OptimizerEntry entry, nint parameter, nint gradient)
    {
        StepCalls.MultiplyInPlace(parameter, 1 - (group.LearningRate * group.Options.WeightDecay));
        AdamStep.Apply(group, entry, parameter, gradient);
    }
}
