using Lepton.Torch.Modules;

namespace Lepton.Torch.Optimizers;

/// <summary>Stochastic gradient descent with momentum: PyTorch's <c>optim.SGD</c>.</summary>
public sealed class SGD : Optimizer
{
    private const int MomentumBuffer = 0;

    /// <summary>Trains all parameters of a model.</summary>
    public SGD(Module model, SgdOptions? options = null)
        : this([GroupOf(model)], options)
    {
    }

    /// <summary>Trains groups of parameters; those without options of their own get these.</summary>
    public SGD(IEnumerable<ParameterGroup> groups, SgdOptions? options = null)
        : base(groups, options ?? new SgdOptions(), "momentum_buffer")
    {
    }

    private protected override int SlotsNeeded(ParameterGroup group) => group.Momentum != 0 ? 1 : 0;

    private protected override void Apply(
        ParameterGroup group, OptimizerEntry entry, nint parameter, nint gradient)
    {
        double momentum = group.Momentum;
        if (momentum == 0)
        {
            StepCalls.AddInPlace(parameter, gradient, -group.LearningRate);
            return;
        }

        var options = (SgdOptions)group.Options;
        if (entry.Slots[MomentumBuffer] is { } buffer)
        {
            StepCalls.MultiplyInPlace(buffer.Handle, momentum);
            StepCalls.AddInPlace(buffer.Handle, gradient, 1 - options.Dampening);
        }
        else
        {
            // The first step takes the whole gradient, whatever the dampening.
            buffer = Tensor.Own(StepCalls.Clone(gradient)).Persist();
            entry.Slots[MomentumBuffer] = buffer;
        }

        if (!options.Nesterov)
        {
            StepCalls.AddInPlace(parameter, buffer.Handle, -group.LearningRate);
            return;
        }

        nint ahead = StepCalls.Add(gradient, buffer.Handle, momentum);
        try
        {
            StepCalls.AddInPlace(parameter, ahead, -group.LearningRate);
        }
        finally
        {
            StepCalls.Release(ahead);
        }
    }
}
