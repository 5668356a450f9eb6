using Lepton.Torch.Modules;

namespace Lepton.Torch.Optimizers;

/// <summary>Steps scaled by means of the gradients and of their squares: PyTorch's <c>optim.Adam</c>.</summary>
public sealed class Adam : Optimizer
{
    /// <summary>Trains all parameters of a model.</summary>
    public Adam(Module model, AdamOptions? options = null)
        : this([GroupOf(model)], options)
    {
    }

    /// <summary>Trains groups of parameters; those without options of their own get these.</summary>
    public Adam(IEnumerable<ParameterGroup> groups, AdamOptions? options = null)
        : base(groups, options ?? new AdamOptions(), AdamStep.SlotNames)
    {
    }

    private protected override int SlotsNeeded(ParameterGroup group) => AdamStep.SlotsNeeded(group);

    private protected override void Apply(
        ParameterGroup group, OptimizerEntry entry, nint parameter, nint gradient) =>
        AdamStep.Apply(group, entry, parameter, gradient);
}
