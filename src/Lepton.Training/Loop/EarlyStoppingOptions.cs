namespace Lepton.Training.Loop;

/// <summary>When training is to end before its last epoch.</summary>
public sealed record EarlyStoppingOptions
{
    /// <summary>The validation's metric that is watched; <c>loss</c> by default.</summary>
    public string Metric { get; init; } = "loss";

    /// <summary>Epochs without a better value after which training ends, 1 or more.</summary>
    public int PatienceEpochs { get; init; } = 3;

    /// <summary>Whether higher is better, as of an accuracy.</summary>
    public bool IsHigherBetter { get; init; }
}
