using Lepton.Compute.Functions;

namespace Lepton.Compute.Plans;

/// <summary>
/// One step of a data set's lineage: what to compute, not where. The driver builds the graph; the part of it between
/// two shuffles is encoded once a stage and computed by tasks, one a partition.
/// </summary>
internal abstract class PlanNode
{
    [NotSent]
    private readonly Lock _preparing = new();

    private int _partitionCount = -1;

    /// <summary>Partitions of the result. Known after <see cref="Prepare"/>.</summary>
    public int PartitionCount
    {
        get
        {
            Core.Invariant.Check(_partitionCount >= 0);
            return _partitionCount;
        }
    }

    /// <summary>The nodes that a task of the same stage reads from.</summary>
    public abstract IReadOnlyList<PlanNode> Parents { get; }

    /// <summary>Says what this node is in reports: "Select", "ReadText kjv.txt".</summary>
    public abstract string Label { get; }

    /// <summary>
    /// Runs on the driver, parents first and once, before anything is encoded: lists files, counts partitions. Thread
    /// safe: several actions can meet at one node.
    /// </summary>
    public void Prepare(CancellationToken cancellation)
    {
        lock (_preparing)
        {
            if (_partitionCount < 0)
            {
                _partitionCount = CountPartitions(cancellation);
            }
        }
    }

    /// <summary>
    /// The number of partitions, asked once, when the parents know theirs; again only after it was cancelled.
    /// </summary>
    protected abstract int CountPartitions(CancellationToken cancellation);
}
