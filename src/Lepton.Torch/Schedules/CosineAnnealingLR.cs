using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>
/// Falls along half a cosine, and rises again behind it: PyTorch's <c>CosineAnnealingLR</c> (Loshchilov and Hutter,
/// "SGDR", without restarts).
/// </summary>
public sealed class CosineAnnealingLR : Schedule
{
    private readonly long _halfPeriod;
    private readonly double _minimumRate;

    /// <param name="optimizer">Whose rates are set; they are now the base rates.</param>
    /// <param name="halfPeriod">Steps down to the minimum, 1 or more; PyTorch's <c>T_max</c>.</param>
    /// <param name="minimumRate">The minimum, 0 or more.</param>
    public CosineAnnealingLR(Optimizer optimizer, long halfPeriod, double minimumRate = 0)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(halfPeriod, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumRate);
        _halfPeriod = halfPeriod;
        _minimumRate = minimumRate;
        Apply();
    }

    private protected override double RateAt(long step, double baseRate) =>
        _minimumRate + ((baseRate - _minimumRate) * (1 + Math.Cos(Math.PI * step / _halfPeriod)) / 2);
}
