namespace Lepton.Torch.Optimizers;

/// <summary>Options of <see cref="Adagrad"/>.</summary>
public sealed record AdagradOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public AdagradOptions() => LearningRate = 0.01;

    /// <summary>
    /// How fast the rate falls by itself: it is divided by 1 + this, times the steps so far. 0 or more.
    /// </summary>
    public double LearningRateDecay { get; init; }

    /// <summary>What the sums of squared gradients begin with, 0 or more.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>What is added to the divisor.</summary>
    public double Epsilon { get; init; } = 1e-10;

    internal override IEnumerable<string> Faults() =>
        [
            .. base.Faults(),
            .. AtLeastZero(nameof(LearningRateDecay), LearningRateDecay),
            .. AtLeastZero(nameof(InitialAccumulator), InitialAccumulator),
            .. AtLeastZero(nameof(Epsilon), Epsilon),
        ];
}
