namespace Lepton.Core.Partitioning;

/// <summary>
/// Says in which partition a key lives. Pure: the answer depends on the key and on how the partitioner was made, in
/// every process. Thread safe. Implementations hold plain values only, so that they can be sent to workers.
/// </summary>
public interface IPartitioner<in TKey>
{
    /// <summary>The number of partitions, at least 1.</summary>
    int PartitionCount { get; }

    /// <summary>The partition of <paramref name="key"/>, from 0 to <see cref="PartitionCount"/> - 1.</summary>
    int PartitionOf(TKey key);
}
