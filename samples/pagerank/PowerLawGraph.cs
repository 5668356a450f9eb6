using Lepton.Core.Randomness;

namespace PageRank;

/// <summary>
/// A graph made up from a seed: few nodes have most of the links, as on the web. Each link depends on the seed and its
/// number alone.
/// </summary>
/// <param name="Seed">Another seed gives another graph.</param>
/// <param name="Nodes">Nodes, numbered from 0.</param>
public sealed record PowerLawGraph(ulong Seed, int Nodes)
{
    /// <summary>The ends of a link. A node may link to itself, or several times to another one.</summary>
    public (int From, int To) Link(long number)
    {
        var random = new SeededRandom(SeededRandom.DeriveSeed(Seed, (ulong)number));
        return (Node(random.NextDouble(), 1), Node(random.NextDouble(), 2));
    }

    // A cube prefers small numbers by a power law. They are then scattered, so that a node's number says nothing.
    private int Node(double share, ulong end)
    {
        int popular = (int)(Nodes * share * share * share);
        return (int)(SeededRandom.DeriveSeed(Seed, (ulong)popular, end) % (ulong)Nodes);
    }
}
