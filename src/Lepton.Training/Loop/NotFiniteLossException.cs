namespace Lepton.Training.Loop;

/// <summary>
/// A loss that is NaN or infinite, or parameters that are where they were to be saved. Checkpoints are as before.
/// </summary>
public sealed class NotFiniteLossException(string message) : Exception(message)
{
    /// <summary>The step, from 1.</summary>
    public required long Step { get; init; }

    /// <summary>Where the batch was saved; null without a run directory.</summary>
    public required string? BatchPath { get; init; }

    /// <summary>What is the first to be not finite, as far as it can be told.</summary>
    public required string FirstBad { get; init; }
}
