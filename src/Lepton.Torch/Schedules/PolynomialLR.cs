using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>Falls to 0 by a power of the steps that are left: PyTorch's <c>PolynomialLR</c>.</summary>
public sealed class PolynomialLR : Schedule
{
    private readonly long _totalSteps;
    private readonly double _power;

    /// <param name="optimizer">Whose rates are set; they are now the base rates.</param>
    /// <param name="totalSteps">How many steps that takes, 1 or more.</param>
    /// <param name="power">The power; 1 is a straight line.</param>
    public PolynomialLR(Optimizer optimizer, long totalSteps = 5, double power = 1)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        _totalSteps = totalSteps;
        _power = power;
        Apply();
    }

    private protected override double RateAt(long step, double baseRate) =>
        baseRate * Math.Pow(1.0 - ((double)Math.Min(_totalSteps, step) / _totalSteps), _power);
}
