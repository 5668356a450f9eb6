namespace Lepton.Training.Loop;

/// <summary>There was no room for a tensor of a step or of its batch; the message says what this rank held.</summary>
public sealed class TrainingMemoryException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>The step, from 1.</summary>
    public required long Step { get; init; }

    /// <summary>Bytes of parameters, buffers, gradients and the optimizer's state.</summary>
    public required long StateBytes { get; init; }
}
