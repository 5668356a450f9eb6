using Lepton.Torch.Optimizers;

namespace Lepton.Torch.Schedules;

/// <summary>
/// Rises from 0 in a straight line, then falls along half a cosine and stays there: what transformers are trained with.
/// Hugging Face's <c>get_cosine_schedule_with_warmup</c>, down to 0.
/// </summary>
public sealed class CosineWarmupLR : Schedule
{
    private readonly long _warmupSteps;
    private readonly long _totalSteps;
    private readonly double _minimumShare;

    /// <param name="optimizer">Whose rates are set; they are now the base rates.</param>
    /// <param name="warmupSteps">Steps of the rise, 0 or more.</param>
    /// <param name="totalSteps">Steps of rise and fall, more than those.</param>
    /// <param name="minimumShare">The share of the rate in the end, from 0 to 1.</param>
    public CosineWarmupLR(Optimizer optimizer, long warmupSteps, long totalSteps, double minimumShare = 0)
        : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(warmupSteps);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(totalSteps, warmupSteps);
        RateChecks.RequireShare(minimumShare, nameof(minimumShare));
        _warmupSteps = warmupSteps;
        _totalSteps = totalSteps;
        _minimumShare = minimumShare;
        Apply();
    }

    private protected override double RateAt(long step, double baseRate) =>
        baseRate * ShareAt(step);

    private double ShareAt(long step)
    {
        if (step < _warmupSteps)
        {
            return (double)step / _warmupSteps;
        }

        double progress = Math.Min(1, (double)(step - _warmupSteps) / (_totalSteps - _warmupSteps));
        return _minimumShare + ((1 - _minimumShare) * (1 + Math.Cos(Math.PI * progress)) / 2);
    }
}
