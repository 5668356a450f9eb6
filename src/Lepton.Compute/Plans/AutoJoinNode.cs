using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Session;

namespace Lepton.Compute.Plans;

/// <summary>
/// A join that broadcasts its right side when that is small, and shuffles both otherwise. It decides when the action
/// begins, from what the sources
/// say of their size.
/// </summary>
internal sealed class AutoJoinNode<TRight, TOut>(
    PlanNode<TRight> right, PlanNode<TOut> shuffled, Func<TRight[], PlanNode<TOut>> broadcast) : PlanNode<TOut>,
        IResolvable
{
    private const long BroadcastBytesMax = 8 << 20;

    [NotSent]
    private readonly PlanNode<TRight> _right = right;

    [NotSent]
    private readonly PlanNode<TOut> _shuffled = shuffled;

    [NotSent]
    private readonly Func<TRight[], PlanNode<TOut>> _broadcast = broadcast;

    [NotSent]
    private readonly OnceAsync<PlanNode<TOut>> _choice = new();

    private PlanNode<TOut>? _chosen;

    public override IReadOnlyList<PlanNode> Parents => [_chosen!];

    public override string Label => "";

    public async Task ResolveAsync(ActionScope scope, CancellationToken cancellation)
    {
        _chosen = await _choice.GetAsync(() => ChooseAsync(scope, cancellation), cancellation).ConfigureAwait(false);
    }

    public override IEnumerable<TOut> Compute(int partition, TaskContext context) =>
        _chosen!.Compute(partition, context);

    protected override int CountPartitions(CancellationToken cancellation) => _chosen!.PartitionCount;

    private async Task<PlanNode<TOut>> ChooseAsync(ActionScope scope, CancellationToken cancellation) =>
        SourceSize.Estimate(_right) is { } bytes && bytes <= BroadcastBytesMax
            ? _broadcast(await CollectAsync(scope, cancellation).ConfigureAwait(false))
            : _shuffled;

    private async Task<TRight[]> CollectAsync(ActionScope scope, CancellationToken cancellation)
    {
        TRight[][] parts = await scope.RunAsync(
            _right, static (records, _) => records.ToArray(), cancellation).ConfigureAwait(false);
        return [.. parts.SelectMany(part => part)];
    }
}
