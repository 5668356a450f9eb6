namespace Lepton.Core.Partitioning;

/// <summary>
/// Deals rows out in turn; the key is the row's position in its source. Give each source another offset, such as its
/// index, or short sources all fill partition 0 first.
/// </summary>
/// <param name="partitionCount">At least 1.</param>
/// <param name="offset">The partition of position 0, modulo the count; not negative.</param>
public sealed class RoundRobinPartitioner(int partitionCount, int offset = 0) : IPartitioner<long>
{
    private readonly int _partitionCount = PartitionCounts.Checked(partitionCount);
    private readonly int _offset = CheckedOffset(offset) % partitionCount;

    /// <inheritdoc/>
    public int PartitionCount => _partitionCount;

    /// <summary>(offset + position) modulo the number of partitions.</summary>
    /// <param name="key">The row's position, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException">The position is negative.</exception>
    public int PartitionOf(long key)
    {
        if (key < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(key), key, $"The row's position is {key}: positions count from 0 in each source.");
        }

        return (int)(((ulong)key + (ulong)_offset) % (ulong)_partitionCount);
    }

    private static int CheckedOffset(int offset) => offset >= 0
        ? offset
        : throw new ArgumentOutOfRangeException(
            nameof(offset), offset, $"The offset is {offset}: give the index of the source, 0 or more.");
}
