namespace Lepton.Core.Partitioning;

/// <summary>The one check that all partitioners make.</summary>
internal static class PartitionCounts
{
    public static int Checked(int partitionCount) => partitionCount >= 1
        ? partitionCount
        : throw new ArgumentOutOfRangeException(
            nameof(partitionCount),
            partitionCount,
            $"The number of partitions is {partitionCount}: it must be at least 1.");
}
