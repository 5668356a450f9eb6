namespace Lepton.Training.Launch;

/// <summary>What a launcher says of itself in the coordination store, for as long as it lives.</summary>
/// <param name="Node">Who and where it is.</param>
internal sealed record RendezvousNode(RoundNode Node)
{
    /// <summary>The last round of which all its ranks are done; -1 for none.</summary>
    public int DoneRound { get; init; } = -1;

    /// <summary>The last round in which one of its ranks failed; -1 for none.</summary>
    public int FailedRound { get; init; } = -1;

    /// <summary>That failure.</summary>
    public RoundCause? Cause { get; init; }

    /// <summary>Whether it is about to leave.</summary>
    public bool IsLeaving { get; init; }
}
