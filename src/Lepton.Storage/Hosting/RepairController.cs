using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Objects;
using Lepton.Storage.Replication;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>
/// Goes through the blocks for which this node is responsible, those of whose nodes it is the first that lives, and has
/// made what copies are missing: when nodes come or go, and again and again.
/// </summary>
internal sealed class RepairController : IAsyncDisposable
{
    private const int BatchBlocks = 512;

    /// <summary>Nodes rarely come or go alone.</summary>
    private static readonly TimeSpan s_settleTime = TimeSpan.FromSeconds(2);

    private readonly IClusterWatch _cluster;
    private readonly BlockRepairer _repairer;
    private readonly Func<BlockScan> _newScan;
    private readonly StorageOptions _options;
    private readonly ILogger _logger;
    private readonly RepairPolicy _policy;
    private readonly RepairBudget _budget;
    private readonly long _startedAt;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private RepairProgress _progress = RepairProgress.None;

    public RepairController(
        IClusterWatch cluster, BlockRepairer repairer, RepairBudget budget, Func<BlockScan> newScan,
        StorageOptions options, ILogger logger)
    {
        (_cluster, _repairer, _budget, _newScan, _options, _logger) =
            (cluster, repairer, budget, newScan, options, logger);
        _policy = new RepairPolicy(options.RepairAfter);
        _startedAt = options.TimeProvider.GetTimestamp();
    }

    /// <summary>Told at the end of each pass of which blocks no node has a good copy.</summary>
    public Action<IReadOnlyList<BlockRef>>? LostFound { get; set; }

    /// <summary>How far the pass is that runs, or was the last.</summary>
    public RepairProgress Progress => Volatile.Read(ref _progress);

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_startedAt);

    /// <summary>Begins; where the period is zero, it does nothing.</summary>
    public void Start()
    {
        if (_options.RepairPeriod > TimeSpan.Zero)
        {
            _running = RunAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>Goes through all of them once.</summary>
    /// <returns>When to come again at the latest, should nothing change.</returns>
    internal async Task<TimeSpan> RunOnceAsync(CancellationToken cancellationToken)
    {
        ClusterView view = _cluster.View;
        RepairDecision decision = _policy.Step(view, Now);
        TimeSpan next = decision.NextChange is { } change && change - Now < _options.RepairPeriod
            ? change - Now
            : _options.RepairPeriod;
        if (decision.IsBraked)
        {
            StorageLog.Braked(_logger, string.Join(", ", decision.Gone.Select(id => view.Layout.Find(id)?.Name)));
            Volatile.Write(ref _progress, Progress with { IsBraked = true });
            return next;
        }

        HashSet<BlockRef> own = [];
        await _newScan().RunAsync(
            block =>
            {
                if (IsResponsible(view, decision.Layout, block.Id))
                {
                    own.Add(block);
                }
            },
            cancellationToken).ConfigureAwait(false);
        await RepairAsync(own, decision.Layout, cancellationToken).ConfigureAwait(false);
        return next;
    }

    private bool IsResponsible(ClusterView view, ClusterLayout layout, BlockId block)
    {
        foreach (NodeId node in layout.Rank(block))
        {
            if (view.IsLive(node))
            {
                return node == _cluster.Self;
            }
        }

        return false;
    }

    private async Task RepairAsync(HashSet<BlockRef> own, ClusterLayout layout, CancellationToken cancellationToken)
    {
        TimeSpan begun = Now;
        RepairProgress progress = RepairProgress.None with { Blocks = own.Count };
        Volatile.Write(ref _progress, progress);
        List<string> faults = [];
        List<BlockRef> lost = [];
        foreach (BlockRef[] some in own.Chunk(BatchBlocks))
        {
            RepairOutcome outcome = await _repairer.RepairAsync(some, layout, WaitAsync, cancellationToken)
                .ConfigureAwait(false);
            faults.AddRange(outcome.Faults);
            lost.AddRange(outcome.Lost);
            long done = progress.BlocksDone + some.Length;
            progress = progress with
            {
                BlocksDone = done,
                CopiesMissing = progress.CopiesMissing + outcome.Missing,
                CopiesMade = progress.CopiesMade + outcome.Made,
                Bytes = progress.Bytes + outcome.Bytes,
                TimeLeft = (Now - begun) * ((own.Count - done) / (double)done),
            };
            Volatile.Write(ref _progress, progress);
        }

        LostFound?.Invoke(lost);
        if (progress.CopiesMissing > 0)
        {
            StorageLog.Repaired(
                _logger, progress.CopiesMade, progress.CopiesMissing, string.Join("; ", faults.Take(5)));
        }
    }

    private async ValueTask WaitAsync(long bytes, CancellationToken cancellationToken)
    {
        await _budget.WaitAsync(bytes, cancellationToken).ConfigureAwait(false);

        // A batch may take a while, and whoever looks on wants to see that bytes move.
        RepairProgress progress = Progress;
        Volatile.Write(ref _progress, progress with { Bytes = progress.Bytes + bytes });
    }

    private async Task RunAsync()
    {
        while (true)
        {
            ClusterView seen = _cluster.View;
            TimeSpan next = s_settleTime;
            try
            {
                next = await RunOnceAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (!_stopping.IsCancellationRequested)
            {
                // Whatever it was: repair that has silently ended would lose blocks, one node after the other.
                StorageLog.UpkeepFailed(_logger, e.Message);
            }

            using CancellationTokenSource until = new(
                next > s_settleTime ? next : s_settleTime, _options.TimeProvider);
            using CancellationTokenSource either =
                CancellationTokenSource.CreateLinkedTokenSource(until.Token, _stopping.Token);
            Task change = _cluster.WaitAsync(view => view != seen, either.Token);
            await change.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(s_settleTime, _options.TimeProvider, _stopping.Token).ConfigureAwait(false);
        }
    }
}
