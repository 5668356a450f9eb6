namespace Lepton.Training.Checkpoints;

/// <summary>A checkpoint that is damaged, is of another model or run, or can't be written.</summary>
public sealed class CheckpointException(string message, Exception? inner = null) : Exception(message, inner);
