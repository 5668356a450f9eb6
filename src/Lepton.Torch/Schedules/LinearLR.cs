using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>Goes from one share of the rate to another in equal steps: PyTorch's <c>LinearLR</c>.</summary>
public sealed class LinearLR : Schedule
{
    private readonly double _startFactor;
    private readonly double _endFactor;
    private readonly long _totalSteps;

    /// <param name="optimizer">Whose rates are set; they are now the base rates.</param>
    /// <param name="startFactor">The share at first, from 0 to 1.</param>
    /// <param name="endFactor">The share in the end, from 0 to 1.</param>
    /// <param name="totalSteps">How many steps that takes, 1 or more.</param>
    public LinearLR(Optimizer optimizer, double startFactor = 1.0 / 3, double endFactor = 1, long totalSteps = 5)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalSteps, 1);
        RateChecks.RequireShare(startFactor, nameof(startFactor));
        RateChecks.RequireShare(endFactor, nameof(endFactor));
        _startFactor = startFactor;
        _endFactor = endFactor;
        _totalSteps = totalSteps;
        Apply();
    }

    private protected override double RateAt(long step, double baseRate) =>
        baseRate * (_startFactor
            + ((_endFactor - _startFactor) * Math.Min(_totalSteps, step) / _totalSteps));
}
