using Lepton.Core.Hashing;

namespace Lepton.Core.Partitioning;

/// <summary>
/// Spreads keys evenly by their <see cref="StableHash"/>. Another number of partitions moves nearly every key; where
/// that matters take a <see cref="ConsistentHashPartitioner{TKey}"/>.
/// </summary>
/// <param name="partitionCount">At least 1.</param>
public sealed class HashPartitioner<TKey>(int partitionCount) : IPartitioner<TKey>
{
    private readonly int _partitionCount = PartitionCounts.Checked(partitionCount);

    /// <inheritdoc/>
    public int PartitionCount => _partitionCount;

    /// <summary>The <see cref="StableHash.Bucket"/> of the key's hash.</summary>
    public int PartitionOf(TKey key) => StableHash.Bucket(StableHash.Of(key), _partitionCount);
}
