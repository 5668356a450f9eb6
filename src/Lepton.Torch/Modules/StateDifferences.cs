namespace Lepton.Torch.Modules;

/// <summary>How a state differs from what was to be loaded into it.</summary>
/// <param name="Missing">Names that the state lacks, in the model's order.</param>
/// <param name="Unexpected">Names that only the state has.</param>
public sealed record StateDifferences(IReadOnlyList<string> Missing, IReadOnlyList<string> Unexpected)
{
    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => Missing.Count == 0 && Unexpected.Count == 0;
}
