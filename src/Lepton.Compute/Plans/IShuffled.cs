namespace Lepton.Compute.Plans;

/// <summary>A node that starts a stage by reading shuffles.</summary>
internal interface IShuffled
{
    /// <summary>What it reads.</summary>
    IReadOnlyList<ShuffleEdge> Inputs { get; }
}
