using Lepton.Compute.Execution;
using Lepton.Compute.Shuffle;

namespace Lepton.Compute.Plans;

/// <summary>Keyed aggregation: states combined on the map side are merged by key.</summary>
internal sealed class ReduceNode<TKey, TState>(
    ShuffleEdge edge, Func<TState, TState, TState> merge, int? partitions, string label)
    : ShuffledNode<KeyValuePair<TKey, TState>>(partitions)
{
    public override string Label => label;

    public override IReadOnlyList<ShuffleEdge> Inputs => [edge];

    public override IEnumerable<KeyValuePair<TKey, TState>> Compute(int partition, TaskContext context)
    {
        using var table = new SpillingTable<TKey, TState>(context, merge);
        foreach (ArraySegment<KeyValuePair<TKey, TState>> batch in
            edge.Open(context, partition).Batches<KeyValuePair<TKey, TState>>())
        {
            table.AddMany(batch);
        }

        foreach (KeyValuePair<TKey, TState> entry in context.Watch(table.Drain()))
        {
            yield return entry;
        }
    }
}
