using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

/// <summary>Some partitions of its parent, so that an action can look at a few before it computes them all.</summary>
internal sealed class SubsetNode<T>(PlanNode<T> parent, int[] partitions) : PlanNode<T>, IUnion, IKeepsSize
{
    public override IReadOnlyList<PlanNode> Parents => [parent];

    public override string Label => "Take";

    /// <inheritdoc/>
    public (int Parent, int Partition) Locate(int partition) => (0, partitions[partition]);

    public override IEnumerable<T> Compute(int partition, TaskContext context) =>
        parent.Compute(partitions[partition], context);

    protected override int CountPartitions(CancellationToken cancellation) => partitions.Length;
}
