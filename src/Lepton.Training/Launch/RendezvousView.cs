namespace Lepton.Training.Launch;

/// <summary>What the coordination store holds of a rendezvous, at one revision.</summary>
/// <param name="Nodes">The launchers that live, in the order in which they came.</param>
/// <param name="Round">The last round; null before the first.</param>
internal sealed record RendezvousView(IReadOnlyList<RendezvousNode> Nodes, Round? Round)
{
    /// <summary>What a launcher says of itself; null where it is not there.</summary>
    public RendezvousNode? Find(string id) => Nodes.FirstOrDefault(node => node.Node.Id == id);
}
