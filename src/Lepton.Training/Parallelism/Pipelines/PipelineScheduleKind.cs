namespace Lepton.Training.Parallelism;

/// <summary>In which order a stage of a pipeline runs the parts of a batch.</summary>
public enum PipelineScheduleKind
{
    /// <summary>
    /// A backward as soon as there can be one ("1F1B", PipeDream-Flush; Narayanan et al., "Memory-Efficient
    /// Pipeline-Parallel DNN Training"): no stage holds the activations of more parts than there are stages.
    /// </summary>
    OneForwardOneBackward,

    /// <summary>
    /// All forwards, then all backwards (Huang et al., "GPipe"): as fast, and every part's activations are held at
    /// once.
    /// </summary>
    GPipe,
}
