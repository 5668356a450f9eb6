using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

internal sealed class WhereNode<T>(PlanNode<T> parent, Func<T, bool> predicate) : NarrowNode<T, T>(parent)
{
    public override string Label => "Where";

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        foreach (T record in Parent.Compute(partition, context))
        {
            if (predicate(record))
            {
                yield return record;
            }
        }
    }
}
