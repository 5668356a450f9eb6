using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

/// <summary>Reads a shuffle as it was written: repartitioning, and the steps of a tree.</summary>
internal sealed class PassNode<T>(ShuffleEdge edge, int partitions, string label) : ShuffledNode<T>(partitions)
{
    public override string Label => label;

    public override IReadOnlyList<ShuffleEdge> Inputs => [edge];

    public override IEnumerable<T> Compute(int partition, TaskContext context) =>
        edge.Open(context, partition).Records<T>();
}
