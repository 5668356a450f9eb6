using Lepton.Compute.Functions;

namespace Lepton.Compute.Plans;

/// <summary>A node whose partitions are each computed from the same partition of one parent.</summary>
internal abstract class NarrowNode<TIn, TOut>(PlanNode<TIn> parent) : PlanNode<TOut>
{
    /// <summary>Where the records come from.</summary>
    protected PlanNode<TIn> Parent { get; } = parent;

    /// <inheritdoc/>
    public override IReadOnlyList<PlanNode> Parents => [Parent];

    /// <inheritdoc/>
    protected override int CountPartitions(CancellationToken cancellation) => Parent.PartitionCount;
}
