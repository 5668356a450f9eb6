namespace Lepton.Training.Parallelism;

/// <summary>What a stage does next.</summary>
/// <param name="Part">Which part of the batch, from 0.</param>
/// <param name="IsForward">Whether it is the part's forward; its backward otherwise.</param>
internal readonly record struct PipelineAction(int Part, bool IsForward);
