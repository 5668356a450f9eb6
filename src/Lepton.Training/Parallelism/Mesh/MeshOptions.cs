using Lepton.Torch.Distributed;

namespace Lepton.Training.Parallelism;

/// <summary>How a mesh trains.</summary>
public sealed record MeshOptions
{
    /// <summary>
    /// Whether each rank of the data axis keeps the optimizer's state of a share of the parameters alone, steps those
    /// and sends them to the others (ZeRO stage 1; Rajbhandari et al., "ZeRO", section 5.1).
    /// </summary>
    public bool ShardsOptimizer { get; init; }

    /// <summary>In which order a stage runs the parts of a batch.</summary>
    public PipelineScheduleKind Schedule { get; init; } = PipelineScheduleKind.OneForwardOneBackward;

    /// <summary>
    /// Parameters that are one, such as a language model's embedding and the layer that gives its scores: pairs of
    /// names. Each has a copy on its stage; they begin equal to the first, and their gradients are added up.
    /// </summary>
    public IReadOnlyList<(string First, string Second)> Tied { get; init; } = [];

    /// <summary>Sizes of the buckets in which gradients are averaged along the data axis; null: PyTorch's.</summary>
    public ReducerOptions? Reducer { get; init; }
}
