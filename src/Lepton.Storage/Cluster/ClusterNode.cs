namespace Lepton.Storage.Cluster;

/// <summary>A node as the store's records have it.</summary>
/// <param name="Id">Which.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Address">Where it gives and takes blocks.</param>
/// <param name="Zone">What it may be lost together with: a rack, a building; empty where nothing was said.</param>
/// <param name="Weight">Its share of the blocks, by the others' weights; above 0.</param>
/// <param name="IsDraining">Whether its blocks are to go elsewhere.</param>
internal sealed record ClusterNode(
    NodeId Id, string Name, Uri Address, string Zone, double Weight, bool IsDraining)
{
    /// <summary>How often it has started.</summary>
    public long Starts { get; init; }
}
