using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Plans;

/// <summary>
/// Joins two shuffled sides by key. A null key matches nothing, as in SQL and LINQ; its records can be many, so they
/// are given as they come and never held.
/// </summary>
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
            if (key is null)
            {
                if (kind is JoinKind.Left or JoinKind.Full)
                {
                    yield return result(record, default);
                }

                continue;
            }

            ref JoinSides<TLeft, TRight> sides = ref table.GetOrAdd(key, out bool added);
            (sides ??= new()).Left.Add(record);
            table.Appended(key, added, leftCodec, record);
        }

        RecordCodec<TRight> rightCodec = RecordCodec.For<TRight>();
        foreach (TRight record in right.Open(context, partition).Records<TRight>())
        {
            TKey key = rightKey(record);
            if (key is null)
            {
                if (kind is JoinKind.Full)
                {
                    yield return result(default, record);
                }

                continue;
            }

            ref JoinSides<TLeft, TRight> sides = ref table.GetOrAdd(key, out bool added);
            (sides ??= new()).Right.Add(record);
            table.Appended(key, added, rightCodec, record);
        }

        foreach (KeyValuePair<TKey, JoinSides<TLeft, TRight>> entry in table.Drain())
        {
            foreach (TOut row in context.Watch(Rows(entry.Value)))
            {
                yield return row;
            }
        }
    }

    private IEnumerable<TOut> Rows(JoinSides<TLeft, TRight> sides)
    {
        bool matched = sides.Left.Count > 0 && sides.Right.Count > 0;
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
