using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

/// <summary>Records that a function of the partition makes on the worker.</summary>
internal sealed class GenerateNode<T>(int partitions, Func<int, IEnumerable<T>> generator) : PlanNode<T>
{
    private readonly int _partitions = partitions;

    public override IReadOnlyList<PlanNode> Parents => [];

    public override string Label => "Generate";

    public override IEnumerable<T> Compute(int partition, TaskContext context) => context.Watch(generator(partition));

    protected override int CountPartitions(CancellationToken cancellation) => _partitions;
}
