using Lepton.Compute.Datasets;
using Lepton.Compute.Execution;
using Lepton.Compute.Shuffle;
using Lepton.Core.Records;

namespace Lepton.Compute.Plans;

/// <summary>All records of a key together, in the order of the parent's partitions.</summary>
internal sealed class GroupNode<T, TKey>(ShuffleEdge edge, Func<T, TKey> key, int? partitions)
    : ShuffledNode<Group<TKey, T>>(partitions)
{
    public override string Label => "GroupBy";

    public override IReadOnlyList<ShuffleEdge> Inputs => [edge];

    public override IEnumerable<Group<TKey, T>> Compute(int partition, TaskContext context)
    {
        using var table = new SpillingTable<TKey, List<T>>(context, Append, appends: true);
        RecordCodec<T> codec = RecordCodec.For<T>();
        foreach (T record in edge.Open(context, partition).Records<T>())
        {
            TKey k = key(record);
            ref List<T> members = ref table.GetOrAdd(k, out bool added);
            if (added)
            {
                members = [];
            }

            members.Add(record);
            table.Appended(k, added, codec, record);
        }

        foreach (KeyValuePair<TKey, List<T>> entry in context.Watch(table.Drain()))
        {
            yield return new Group<TKey, T>(entry.Key, entry.Value);
        }
    }

    private static List<T> Append(List<T> first, List<T> second)
    {
        first.AddRange(second);
        return first;
    }
}
