using Lepton.Core.Hashing;

namespace Lepton.Core.Partitioning;

/// <summary>
/// A <see cref="ConsistentHashRing"/> as a partitioner: partition i is node i of
/// <see cref="ConsistentHashRing.Nodes"/>. Slower than a <see cref="HashPartitioner{TKey}"/>; worth it where the
/// number of partitions changes and the data should stay put.
/// </summary>
public sealed class ConsistentHashPartitioner<TKey> : IPartitioner<TKey>
{
    private readonly ConsistentHashRing _ring;

    /// <summary>Partitions by <paramref name="ring"/>.</summary>
    /// <exception cref="ArgumentException">The ring has no nodes.</exception>
    public ConsistentHashPartitioner(ConsistentHashRing ring) => _ring = ring.NodeCount > 0
        ? ring
        : throw new ArgumentException(
            "A ring without nodes was given, but each partition is a node of the ring. Add at least one.",
            nameof(ring));

    /// <summary>The ring that partitions.</summary>
    public ConsistentHashRing Ring => _ring;

    /// <inheritdoc/>
    public int PartitionCount => _ring.NodeCount;

    /// <inheritdoc/>
    public int PartitionOf(TKey key) => _ring.LocateIndex(StableHash.Of(key));
}
