namespace Lepton.Coordination.Client;

/// <summary>How keys are deleted.</summary>
public sealed record DeleteOptions
{
    /// <summary>Tell what the keys were before.</summary>
    public bool WithPrevious { get; init; }

    /// <summary>The time for the call; null is the client's.</summary>
    public TimeSpan? Timeout { get; init; }
}
