namespace Lepton.Compute.Plans;

/// <summary>A node that reads what shuffles wrote: the start of a stage.</summary>
internal abstract class ShuffledNode<T>(int? partitions) : PlanNode<T>, IShuffled
{
    /// <summary>
    /// Partitions where nothing else was asked for: as many as the largest parent has, at most this many. It must not
    /// depend on the number of workers.
    /// </summary>
    public const int PartitionsDefaultMax = 256;

    private readonly int? _partitions = partitions;

    public override IReadOnlyList<PlanNode> Parents => [];

    /// <inheritdoc/>
    public abstract IReadOnlyList<ShuffleEdge> Inputs { get; }

    protected override int CountPartitions(CancellationToken cancellation) =>
        _partitions ?? Math.Clamp(Inputs.Max(edge => edge.MapParent.PartitionCount), 1, PartitionsDefaultMax);
}
