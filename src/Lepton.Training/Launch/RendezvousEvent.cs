namespace Lepton.Training.Launch;

/// <summary>What a launcher is told of the others.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Round">The round that it is about.</param>
/// <param name="Text">In words; empty where there is nothing to say.</param>
internal sealed record RendezvousEvent(RendezvousEventKind Kind, Round? Round = null, string Text = "");
