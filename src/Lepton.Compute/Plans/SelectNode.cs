using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

internal sealed class SelectNode<TIn, TOut>(PlanNode<TIn> parent, Func<TIn, TOut> selector) : NarrowNode<TIn,
    TOut>(parent)
{
    public override string Label => "Select";

    public override IEnumerable<TOut> Compute(int partition, TaskContext context)
    {
        foreach (TIn record in Parent.Compute(partition, context))
        {
            yield return selector(record);
        }
    }
}
