using Lepton.Core.Hashing;
using Lepton.Core.Randomness;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Cluster;

/// <summary>
/// Ranks nodes for each block: weighted rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to
/// increase hit rates", 1998), zones first. The same on every machine. Immutable.
/// </summary>
/// <remarks>
/// A node's cost for a block is an exponential draw with the node's weight as its rate, so that each node is the
/// cheapest with a probability in proportion to its weight, and whether a node is there changes nothing about the
/// order of the others. The n-th node of a zone comes behind the (n-1)-th of every other, so that the first copies
/// lie in as many zones as there are.
/// </remarks>
internal sealed class Placement
{
    private readonly (NodeId Id, ulong Hash, int Zone, double Weight)[] _nodes;
    private readonly int _zones;

    /// <summary>Takes the nodes among which blocks are placed.</summary>
    public Placement(IReadOnlyCollection<ClusterNode> nodes)
    {
        List<string> zones = [.. nodes.Select(static node => node.Zone).Distinct(StringComparer.Ordinal)];
        _zones = zones.Count;
        _nodes =
        [
            .. nodes.Select(node => (
                node.Id, StableHash.OfString(node.Id.Value), zones.IndexOf(node.Zone), node.Weight)),
        ];
    }

    /// <summary>All nodes, the best for a block first. O(n log n).</summary>
    public NodeId[] Rank(BlockId block)
    {
        (double Cost, int Index)[] order = new (double, int)[_nodes.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = (Cost(block, _nodes[i].Hash, _nodes[i].Weight), i);
        }

        Array.Sort(order);
        Span<int> taken = stackalloc int[_zones];
        (int Round, int Place)[] rounds = new (int, int)[order.Length];
        for (int i = 0; i < order.Length; i++)
        {
            rounds[i] = (taken[_nodes[order[i].Index].Zone]++, i);
        }

        Array.Sort(rounds);
        return Array.ConvertAll(rounds, round => _nodes[order[round.Place].Index].Id);
    }

    private static double Cost(BlockId block, ulong node, double weight)
    {
        // Ids of blocks are even already, but their makers choose them: all of it goes in, as the hash of a node does.
        ulong hash = StableHash.Combine(StableHash.Combine(block.First, block.Second), node);
        double uniform = ((hash >> 12) + 0.5) / (1L << 52);
        return -PortableMath.Log(uniform) / weight;
    }
}
