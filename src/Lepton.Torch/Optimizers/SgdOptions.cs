namespace Lepton.Torch.Optimizers;

/// <summary>Options of <see cref="SGD"/>.</summary>
public sealed record SgdOptions : OptimizerOptions
{
    /// <summary>PyTorch's defaults; its learning rate has none, here it is 0.01.</summary>
    public SgdOptions() => LearningRate = 0.01;

    /// <summary>How much of the last step goes into the next, 0 or more.</summary>
    public double Momentum { get; init; }

    /// <summary>How much less of the gradient goes into the momentum.</summary>
    public double Dampening { get; init; }

    /// <summary>Whether steps look ahead along the momentum (Nesterov); needs a momentum and no dampening.</summary>
    public bool Nesterov { get; init; }

    internal override double? InitialMomentum => Momentum;

    internal override IEnumerable<string> Faults() =>
        [
            .. base.Faults(),
            .. AtLeastZero(nameof(Momentum), Momentum),
            .. Nesterov && (Momentum <= 0 || Dampening != 0)
                ? new[] { $"{nameof(Nesterov)} needs a {nameof(Momentum)} above 0 and no {nameof(Dampening)}" } : [],
        ];
}
