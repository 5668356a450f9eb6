using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>Multiplies the rate by a factor every so many steps: PyTorch's <c>StepLR</c>.</summary>
public sealed class StepLR : Schedule
{
    private readonly long _stepSize;
    private readonly double _gamma;

    /// <param name="optimizer">Whose rates are set; they are now the base rates.</param>
    /// <param name="stepSize">So many, 1 or more.</param>
    /// <param name="gamma">The factor.</param>
    public StepLR(Optimizer optimizer, long stepSize, double gamma = 0.1)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepSize, 1);
        _stepSize = stepSize;
        _gamma = gamma;
        Apply();
    }

    private protected override double RateAt(long step, double baseRate) =>
        baseRate * Math.Pow(_gamma, step / _stepSize);
}
