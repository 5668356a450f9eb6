namespace Lepton.Torch.Schedules;

/// <summary>Options of <see cref="ReduceLROnPlateau"/>, with PyTorch's defaults.</summary>
public sealed record PlateauOptions
{
    /// <summary>Whether a larger measure is better.</summary>
    public bool LargerIsBetter { get; init; }

    /// <summary>What the rate is multiplied by, from 0 up to 1.</summary>
    public double Factor { get; init; } = 0.1;

    /// <summary>Steps without progress that are put up with, 0 or more.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>By how much a measure must be better to count.</summary>
    public double Threshold { get; init; } = 1e-4;

    /// <summary>Whether that is a number of its own, not a share of the best so far.</summary>
    public bool ThresholdIsAbsolute { get; init; }

    /// <summary>Steps after each change in which nothing counts as lack of progress.</summary>
    public int Cooldown { get; init; }

    /// <summary>The least rate.</summary>
    public double MinimumRate { get; init; }

    /// <summary>A change below this is not made.</summary>
    public double Epsilon { get; init; } = 1e-8;

    internal void Validate()
    {
        if (Factor is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(Factor), Factor, "The factor is from 0 up to, without, 1.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(Patience);
        ArgumentOutOfRangeException.ThrowIfNegative(Cooldown);
        ArgumentOutOfRangeException.ThrowIfNegative(MinimumRate);
    }
}
