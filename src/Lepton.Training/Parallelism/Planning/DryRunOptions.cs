namespace Lepton.Training.Parallelism;

/// <summary>What a dry run needs to know of a training.</summary>
public sealed record DryRunOptions
{
    /// <summary>The first layer of each stage, as <see cref="Pipeline.Starts"/>.</summary>
    public required IReadOnlyList<int> Starts { get; init; }

    /// <summary>In how many parts a data rank computes its samples of a batch, 1 or more.</summary>
    public int Parts { get; init; } = 1;

    /// <summary>In which order a stage runs them.</summary>
    public PipelineScheduleKind Schedule { get; init; } = PipelineScheduleKind.OneForwardOneBackward;

    /// <summary>Whether the optimizer's state is divided along the data axis.</summary>
    public bool ShardsOptimizer { get; init; }

    /// <summary>Tensors that the optimizer keeps for each parameter: 2 for Adam, 1 for momentum, 0 for
    /// neither.</summary>
    public int OptimizerSlots { get; init; } = 2;
}
