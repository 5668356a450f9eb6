namespace Lepton.Torch.Optimizers;

/// <summary>Options of <see cref="Adam"/> and, with a weight decay of 0.01, of <see cref="AdamW"/>.</summary>
public record AdamOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults.</summary>
    public AdamOptions() => LearningRate = 1e-3;

    /// <summary>How much the mean of the gradients keeps of the last one, from 0 up to 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>How much the mean of the squared gradients keeps of the last one, from 0 up to 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>What is added to the divisor.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Whether the divisor never shrinks (Reddi et al., "On the Convergence of Adam and Beyond").</summary>
    public bool Amsgrad { get; init; }

    internal override double? InitialMomentum => Beta1;

    internal override IEnumerable<string> Faults() =>
        [
            .. base.Faults(),
            .. BelowOne(nameof(Beta1), Beta1),
            .. BelowOne(nameof(Beta2), Beta2),
            .. AtLeastZero(nameof(Epsilon), Epsilon),
        ];
}
