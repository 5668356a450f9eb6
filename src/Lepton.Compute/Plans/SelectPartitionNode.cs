using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

internal sealed class SelectPartitionNode<TIn, TOut>(
    PlanNode<TIn> parent,
    Func<IEnumerable<TIn>, PartitionContext, IEnumerable<TOut>> selector) : NarrowNode<TIn, TOut>(parent)
{
    public override string Label => "SelectPartition";

    public override IEnumerable<TOut> Compute(int partition, TaskContext context) =>
        selector(Parent.Compute(partition, context), context.ForUser(partition));
}
