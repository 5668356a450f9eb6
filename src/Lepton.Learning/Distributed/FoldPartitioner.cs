using Lepton.Core.Partitioning;

namespace Lepton.Learning;

/// <summary>A partition for each fold.</summary>
internal sealed class FoldPartitioner(int folds) : IPartitioner<int>
{
    public int PartitionCount => folds;

    public int PartitionOf(int key) => key;
}
