using System.Globalization;

namespace Lepton.Compute.Datasets;

/// <summary>Checks the number of partitions that a caller asks for.</summary>
internal static class PartitionCounts
{
    /// <summary>
    /// The most partitions that a data set is cut into: a task that writes for so many holds a block of 4 KiB for each.
    /// </summary>
    public const int Max = 1 << 16;

    /// <exception cref="ArgumentOutOfRangeException">
    /// It is less than 1 or more than <see cref="Max"/>; null stands for the default.
    /// </exception>
    public static void Check(int? partitions, string parameter = "partitions")
    {
        if (partitions is < 1)
        {
            throw new ArgumentOutOfRangeException(
                parameter, partitions, "A data set has one partition or more. Leave it out for the default.");
        }

        if (partitions > Max)
        {
            throw new ArgumentOutOfRangeException(parameter, partitions, string.Create(
                CultureInfo.InvariantCulture,
                $"A data set has at most {Max:N0} partitions: each is a task, and every task that shuffles holds a " +
                $"buffer for each. A few for each core are enough; for keys of your own, let several share a " +
                $"partition."));
        }
    }
}
