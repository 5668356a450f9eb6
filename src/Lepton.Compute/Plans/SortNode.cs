using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Session;
using Lepton.Compute.Shuffle;
using Lepton.Core.Partitioning;

namespace Lepton.Compute.Plans;

/// <summary>
/// Sorts each partition; the ranges of the partitions follow one another. The ranges come from a sample of the keys,
/// drawn by a job of its own when there is more than one partition.
/// </summary>
internal sealed class SortNode<T, TKey> : ShuffledNode<T>, IResolvable
{
    private readonly ShuffleEdge _edge;
    private readonly Func<T, TKey> _key;
    private readonly IComparer<TKey> _comparer;

    [NotSent]
    private readonly PlanNode<T> _parent;

    [NotSent]
    private readonly Func<int> _nextId;

    [NotSent]
    private readonly OnceAsync<TKey[]> _sample = new();

    [NotSent]
    private TKey[]? _bounds;

    public SortNode(
        PlanNode<T> parent, Func<T, TKey> key, IComparer<TKey> comparer, int? partitions, Func<int> nextId)
        : base(partitions)
    {
        _parent = parent;
        _key = key;
        _comparer = comparer;
        _nextId = nextId;
        _edge = new ShuffleEdge<T>(nextId(), parent, _ => new RangeMapper<T, TKey>(key, _bounds ?? [], comparer));
    }

    public override string Label => "OrderBy";

    public override IReadOnlyList<ShuffleEdge> Inputs => [_edge];

    /// <summary>Where the ranges end.</summary>
    public async Task ResolveAsync(ActionScope scope, CancellationToken cancellation)
    {
        _bounds = await _sample.GetAsync(() => SampleAsync(scope, cancellation), cancellation).ConfigureAwait(false);
    }

    public override IEnumerable<T> Compute(int partition, TaskContext context)
    {
        using var sorter = new ExternalSorter<T, TKey>(context, _key, _comparer);
        foreach (T record in _edge.Open(context, partition).Records<T>())
        {
            sorter.Add(record);
        }

        foreach (T record in context.Watch(sorter.Drain()))
        {
            yield return record;
        }
    }

    private async Task<TKey[]> SampleAsync(ActionScope scope, CancellationToken cancellation)
    {
        await scope.PrepareBehindAsync(this, cancellation).ConfigureAwait(false);
        int partitions = PartitionCount;
        if (partitions == 1)
        {
            return [];
        }

        // Locals, so that the functions sent carry these alone.
        Func<T, TKey> key = _key;
        IComparer<TKey> comparer = _comparer;
        var sample = new SelectPartitionNode<T, TKey>(_parent, (records, context) =>
            KeySample.Take(records, key, context));
        var gathered = new PassNode<TKey>(
            new ShuffleEdge<TKey>(_nextId(), sample, _ => new FanInMapper<TKey>(int.MaxValue)), 1, "Sample keys");
        TKey[][] bounds = await scope.RunAsync(
            gathered, (keys, _) => KeySample.Bounds(keys, partitions, comparer), cancellation).ConfigureAwait(false);
        return bounds[0];
    }
}
