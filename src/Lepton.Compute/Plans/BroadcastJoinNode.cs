using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Functions;

namespace Lepton.Compute.Plans;

/// <summary>Joins each partition of the left side with a small right side that every worker has whole: no
/// shuffle.</summary>
internal sealed class BroadcastJoinNode<TLeft, TRight, TKey, TOut>(
    PlanNode<TLeft> parent,
    TRight[] right,
    Func<TLeft, TKey> leftKey,
    Func<TRight, TKey> rightKey,
    Func<TLeft?, TRight?, TOut> result,
    JoinKind kind) : NarrowNode<TLeft, TOut>(parent)
{
    [NotSent]
    private ILookup<TKey, TRight>? _lookup;

    public override string Label => $"Join ({kind}, broadcast)";

    public override IEnumerable<TOut> Compute(int partition, TaskContext context)
    {
        // Each slot of a worker has a node of its own, which serves it for all partitions of the stage.
        ILookup<TKey, TRight> lookup = _lookup ??= right.Where(r => rightKey(r) is not null).ToLookup(rightKey);
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
