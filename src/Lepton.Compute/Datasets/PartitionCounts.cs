namespace Lepton.Compute.Datasets;

/// <summary>Checks the number of partitions that a caller asks for.</summary>
internal static class PartitionCounts
{
    /// <exception cref="ArgumentOutOfRangeException">It is less than 1; null stands for the default.</exception>
    public static void Check(int? partitions)
    {
        if (partitions is < 1)
        {
            throw new ArgumentOutOfRangeException(
                nameof(partitions), partitions, "A data set has one partition or more. Leave it out for the default.");
        }
    }
}
