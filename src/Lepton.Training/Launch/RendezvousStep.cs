namespace Lepton.Training.Launch;

/// <summary>What a launcher does about what it saw in the store.</summary>
/// <param name="Publish">A round to put in the place of the one that was seen; null for none.</param>
/// <param name="Tell">What the launcher's loop is told; null for nothing.</param>
internal sealed record RendezvousStep(Round? Publish = null, RendezvousEvent? Tell = null)
{
    public static readonly RendezvousStep Wait = new();
}
