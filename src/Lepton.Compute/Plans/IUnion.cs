namespace Lepton.Compute.Plans;

/// <summary>A node each of whose partitions comes from one of several parents.</summary>
internal interface IUnion
{
    /// <summary>Which parent computes a partition, and which of its partitions that is.</summary>
    (int Parent, int Partition) Locate(int partition);
}
