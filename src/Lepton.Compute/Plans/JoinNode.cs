using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Plans;

/// <summary>Joins two shuffled sides by key. A null key matches nothing, as in SQL and LINQ.</summary>
internal sealed class JoinNode<TLeft, TRight, TKey, TOut>(
    ShuffleEdge left,
    ShuffleEdge right,
    Func<TLeft, TKey> leftKey,
    Func<TRight, TKey> rightKey,
    Func<TLeft?, TRight?, TOut> result,
    JoinKind kind,
    int? partitions) : ShuffledNode<TOut>(partitions)
{
    public override string Label => $"Join ({kind})";

    public override IReadOnlyList<ShuffleEdge> Inputs => [left, right];

    public override IEnumerable<TOut> Compute(int partition, TaskContext context)
    {
        using var table = new SpillingTable<TKey, JoinSides<TLeft, TRight>>(
            context, JoinSides<TLeft, TRight>.Append, appends: true);
        RecordCodec<TLeft> leftCodec = RecordCodec.For<TLeft>();
        foreach (TLeft record in left.Open(context, partition).Records<TLeft>())
        {
            TKey key = leftKey(record);
            ref JoinSides<TLeft, TRight> sides = ref table.GetOrAdd(key, out bool added);
            (sides ??= new()).Left.Add(record);
            table.Appended(key, added, leftCodec, record);
        }

        RecordCodec<TRight> rightCodec = RecordCodec.For<TRight>();
        foreach (TRight record in right.Open(context, partition).Records<TRight>())
        {
            TKey key = rightKey(record);
            ref JoinSides<TLeft, TRight> sides = ref table.GetOrAdd(key, out bool added);
            (sides ??= new()).Right.Add(record);
            table.Appended(key, added, rightCodec, record);
        }

        foreach (KeyValuePair<TKey, JoinSides<TLeft, TRight>> entry in table.Drain())
        {
            foreach (TOut row in context.Watch(Rows(entry.Key, entry.Value)))
            {
                yield return row;
            }
        }
    }

    private IEnumerable<TOut> Rows(TKey key, JoinSides<TLeft, TRight> sides)
    {
        bool matched = key is not null && sides.Left.Count > 0 && sides.Right.Count > 0;
        foreach (TLeft l in sides.Left)
        {
            if (matched)
            {
                foreach (TRight r in sides.Right)
                {
                    yield return result(l, r);
                }
            }
            else if (kind is JoinKind.Left or JoinKind.Full)
            {
                yield return result(l, default);
            }
        }

        if (!matched && kind is JoinKind.Full)
        {
            foreach (TRight r in sides.Right)
            {
                yield return result(default, r);
            }
        }
    }
}
