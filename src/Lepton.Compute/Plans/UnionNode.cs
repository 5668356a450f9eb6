using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

/// <summary>The partitions of the first parent, then those of the second, and so on.</summary>
internal sealed class UnionNode<T>(PlanNode<T>[] parents) : PlanNode<T>, IUnion, IKeepsSize
{
    private int[] _ends = [];

    public override IReadOnlyList<PlanNode> Parents => parents;

    public override string Label => "Union";

    /// <inheritdoc/>
    public (int Parent, int Partition) Locate(int partition)
    {
        int parent = 0;
        while (partition >= _ends[parent])
        {
            parent++;
        }

        return (parent, parent == 0 ? partition : partition - _ends[parent - 1]);
    }

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        (int parent, int inner) = Locate(partition);
        return parents[parent].Compute(inner, context);
    }

    public override void Push(int partition, TaskContext context, RecordSink<T> sink)
    {
        (int parent, int inner) = Locate(partition);
        parents[parent].Push(inner, context, sink);
    }

    protected override int CountPartitions(CancellationToken cancellation)
    {
        _ends = new int[parents.Length];
        int end = 0;
        for (int i = 0; i < parents.Length; i++)
        {
            end = checked(end + parents[i].PartitionCount);
            _ends[i] = end;
        }

        return end;
    }
}
