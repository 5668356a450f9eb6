using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>Multiplies the rate by a factor each step: PyTorch's <c>ExponentialLR</c>.</summary>
public sealed class ExponentialLR : Schedule
{
    private readonly double _gamma;

    /// <param name="optimizer">Whose rates are set; they are now the base rates.</param>
    /// <param name="gamma">The factor.</param>
    public ExponentialLR(Optimizer optimizer, double gamma)
        : base(optimizer)
    {
        _gamma = gamma;
        Apply();
    }

    private protected override double RateAt(long step, double baseRate) =>
        baseRate * Math.Pow(_gamma, step);
}
