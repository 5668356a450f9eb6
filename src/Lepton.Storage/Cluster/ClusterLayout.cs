using System.Buffers.Binary;
using Lepton.Core.Hashing;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Cluster;

/// <summary>Which nodes there are, and where each block belongs. Immutable.</summary>
internal sealed class ClusterLayout
{
    private readonly Placement _placement;

    /// <summary>Takes all nodes.</summary>
    /// <param name="copies">How many copies are wanted, where there are as many nodes.</param>
    /// <param name="nodes">The nodes, in any order.</param>
    public ClusterLayout(int copies, IEnumerable<ClusterNode> nodes)
    {
        Copies = copies;
        Nodes = [.. nodes.OrderBy(static node => node.Id)];
        Active = [.. Nodes.Where(static node => !node.IsDraining)];
        _placement = new Placement(Active);
        Fingerprint = FingerprintOf(copies, Active);
    }

    /// <summary>How many copies are wanted.</summary>
    public int Copies { get; }

    /// <summary>All nodes, by id.</summary>
    public IReadOnlyList<ClusterNode> Nodes { get; }

    /// <summary>Those among which blocks are placed.</summary>
    public IReadOnlyList<ClusterNode> Active { get; }

    /// <summary>How many copies each block has, where none is missing.</summary>
    public int CopiesNow => Math.Min(Copies, Active.Count);

    /// <summary>How many copies must be durable before a write is acknowledged.</summary>
    public int Majority => (CopiesNow / 2) + 1;

    /// <summary>Equal where blocks are placed equally; two nodes with the same one agree on every target.</summary>
    public ulong Fingerprint { get; }

    /// <summary>The active nodes, the best for a block first. The first <see cref="CopiesNow"/> are its
    /// targets.</summary>
    public NodeId[] Rank(BlockId block) => _placement.Rank(block);

    /// <summary>Where a block belongs.</summary>
    public ArraySegment<NodeId> TargetsOf(BlockId block) => new(Rank(block), 0, CopiesNow);

    /// <summary>A node; null where there is none of this id.</summary>
    public ClusterNode? Find(NodeId id) => Nodes.FirstOrDefault(node => node.Id == id);

    /// <summary>The same without some nodes, which are lost for now.</summary>
    public ClusterLayout Without(IReadOnlySet<NodeId> nodes) =>
        nodes.Count == 0 ? this : new ClusterLayout(Copies, Nodes.Where(node => !nodes.Contains(node.Id)));

    private static ulong FingerprintOf(int copies, IReadOnlyList<ClusterNode> nodes)
    {
        ulong hash = StableHash.Mix((ulong)copies);
        Span<byte> weight = stackalloc byte[sizeof(double)];
        foreach (ClusterNode node in nodes)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(weight, node.Weight);
            hash = StableHash.Combine(hash, StableHash.OfString(node.Id.Value));
            hash = StableHash.Combine(hash, StableHash.OfString(node.Zone));
            hash = StableHash.Combine(hash, StableHash.OfBytes(weight));
        }

        return hash;
    }
}
