using Lepton.Torch.Modules;

namespace Lepton.Torch.Optimizers;

/// <summary>
/// Steps divided by the root of all squared gradients so far: PyTorch's <c>optim.Adagrad</c> (Duchi et al., "Adaptive
/// Subgradient Methods").
/// </summary>
public sealed class Adagrad : Optimizer
{
    private const int Sum = 0;

    /// <summary>Trains all parameters of a model.</summary>
    public Adagrad(Module model, AdagradOptions? options = null)
        : this([GroupOf(model)], options)
    {
    }

    /// <summary>Trains groups of parameters; those without options of their own get these.</summary>
    public Adagrad(IEnumerable<ParameterGroup> groups, AdagradOptions? options = null)
        : base(groups, options ?? new AdagradOptions(), "sum")
    {
    }

    private protected override int SlotsNeeded(ParameterGroup group) => 1;

    private protected override void Apply(
        ParameterGroup group, OptimizerEntry entry, nint parameter, nint gradient)
    {
        var options = (AdagradOptions)group.Options;
        double rate = group.LearningRate / (1 + ((entry.Steps - 1) * options.LearningRateDecay));
        nint sum = entry.SlotOrZeros(Sum, options.InitialAccumulator);
        StepCalls.AddCMulInPlace(sum, gradient, gradient, 1);
        nint divisor = StepCalls.Sqrt(sum);
        try
        {
            StepCalls.AddInPlace(divisor, options.Epsilon);
            StepCalls.AddCDivInPlace(parameter, gradient, divisor, -rate);
        }
        finally
        {
            StepCalls.Release(divisor);
        }
    }
}
