using Lepton.Compute.Execution;
using Lepton.Compute.Functions;
using Lepton.Compute.Session;
using Lepton.Core.Records;

namespace Lepton.Compute.Plans;

/// <summary>
/// A join that broadcasts its right side when that is small, and shuffles both otherwise. It decides when the action
/// begins: where the sources say that they are small, it collects the right side, and sees whether that is small too.
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
        && await CollectAsync(scope, cancellation).ConfigureAwait(false) is { } small
            ? _broadcast(small)
            : _shuffled;

    /// <summary>
    /// All records, or null where they are many bytes after all: few bytes of a source can stand for many, as in
    /// <c>Select(File.ReadAllBytes)</c>, and only the records themselves tell.
    /// </summary>
    private async Task<TRight[]?> CollectAsync(ActionScope scope, CancellationToken cancellation)
    {
        (TRight[]? Records, long Bytes)[] parts = await scope.RunAsync(
            _right, static (records, _) => TakeSmall(records), cancellation).ConfigureAwait(false);
        return parts.Sum(part => part.Bytes) <= BroadcastBytesMax
            ? [.. parts.SelectMany(part => part.Records!)]
            : null;
    }

    // Stops once it is past the bound, so that what comes to the driver in vain is bounded too.
    private static (TRight[]? Records, long Bytes) TakeSmall(IEnumerable<TRight> records)
    {
        RecordCodec<TRight> codec = RecordCodec.For<TRight>();
        using var scratch = new RecordWriter();
        var taken = new List<TRight>();
        long bytes = 0;
        foreach (TRight record in records)
        {
            scratch.Clear();
            codec.Write(scratch, record);
            bytes += scratch.Length;
            if (bytes > BroadcastBytesMax)
            {
                return (null, bytes);
            }

            taken.Add(record);
        }

        return (taken.ToArray(), bytes);
    }
}
