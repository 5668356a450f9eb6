using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>Multiplies the rate by whatever a function says: PyTorch's <c>LambdaLR</c>.</summary>
public sealed class LambdaLR : Schedule
{
    private readonly Func<long, double> _factor;

    /// <param name="optimizer">Whose rates are set; they are now the base rates.</param>
    /// <param name="factor">The factor after so many steps.</param>
    public LambdaLR(Optimizer optimizer, Func<long, double> factor)
        : base(optimizer)
    {
        ArgumentNullException.ThrowIfNull(factor);
        _factor = factor;
        Apply();
    }

    private protected override double RateAt(long step, double baseRate) => baseRate * _factor(step);
}
