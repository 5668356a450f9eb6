using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

/// <summary>Joins each partition of the left side with a small right side that every worker has whole: no shuffle.</summary>
internal sealed class BroadcastJoinNode<TLeft, TRight, TKey, TOut>(
    PlanNode<TLeft> parent,
    TRight[] right,
    Func<TLeft, TKey> leftKey,
    Func<TRight, TKey> rightKey,
    Func<TLeft?, TRight?, TOut> result,
    JoinKind kind) : NarrowNode<TLeft, TOut>(parent)
{
    public override string Label => $"Join ({kind}, broadcast)";

    public override IEnumerable<TOut> Compute(int partition, TaskContext context)
    {
        ILookup<TKey, TRight> lookup = right.Where(r => rightKey(r) is not null).ToLookup(rightKey);
        foreach (TLeft l in Parent.Compute(partition, context))
        {
            TKey key = leftKey(l);
            bool matched = false;
            if (key is not null)
            {
                foreach (TRight r in lookup[key])
                {
                    matched = true;
                    yield return result(l, r);
                }
            }

            if (!matched && kind is JoinKind.Left)
            {
                yield return result(l, default);
            }
        }
    }
}
