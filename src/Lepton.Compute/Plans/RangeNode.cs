using Lepton.Compute.Execution;

namespace Lepton.Compute.Plans;

/// <summary>Consecutive numbers, as <see cref="Enumerable.Range"/> counts them.</summary>
internal sealed class RangeNode(long start, long count, int partitions) : PlanNode<long>
{
    private readonly int _partitions = partitions;

    public override IReadOnlyList<PlanNode> Parents => [];

    public override string Label => "Range";

    public override IEnumerable<long> Compute(int partition, TaskContext context)
    {
        // Counted from 0: the end of the range can lie one behind the last number there is.
        long end = Offset(partition + 1);
        for (long i = Offset(partition); i < end; i++)
        {
            if ((i & 0xfff) == 0)
            {
                context.Cancellation.ThrowIfCancellationRequested();
            }

            yield return start + i;
        }
    }

    protected override int CountPartitions(CancellationToken cancellation) => _partitions;

    private long Offset(int partition) => (long)((Int128)count * partition / _partitions);
}
