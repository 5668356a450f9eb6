namespace Lepton.Torch.Schedules;

/// <summary>Options of <see cref="OneCycleLR"/>, with PyTorch's defaults.</summary>
public sealed record OneCycleOptions
{
    /// <summary>The share of the steps in which the rate rises, from 0 to 1.</summary>
    public double RisingShare { get; init; } = 0.3;

    /// <summary>Whether rates go in straight lines instead of cosines.</summary>
    public bool IsLinear { get; init; }

    /// <summary>Whether momentum goes the other way; not for optimizers without one.</summary>
    public bool CyclesMomentum { get; init; } = true;

    /// <summary>The momentum where the rate is largest.</summary>
    public double BaseMomentum { get; init; } = 0.85;

    /// <summary>The momentum where the rate is small.</summary>
    public double MaximumMomentum { get; init; } = 0.95;

    /// <summary>The largest rate divided by the first, above 0.</summary>
    public double StartDivisor { get; init; } = 25;

    /// <summary>The first rate divided by the last, above 0.</summary>
    public double FinalDivisor { get; init; } = 1e4;

    /// <summary>Whether the rate falls back to the first as fast as it rose, and then on to the last.</summary>
    public bool HasThreePhases { get; init; }

    internal void Validate()
    {
        RateChecks.RequireShare(RisingShare, nameof(RisingShare));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(StartDivisor);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(FinalDivisor);
    }
}
