using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;
using Lepton.Storage.Hosting;
using Lepton.Storage.Metadata;

namespace Lepton.Simulation.Objects;

/// <summary>
/// What a process knows of the nodes, and its session: what <c>ClusterMonitor</c> and <c>NodeSession</c> are over the
/// real client. It learns of changes late, and of none while its watch is held back.
/// </summary>
internal sealed class NodeMembership(
    ObjectNode node, NodeLife life, MetadataLink link, NodeClock clock, NodeThreads threads) : IClusterWatch
{
    /// <summary>How long a lease lives.</summary>
    public const long LeaseUs = 10_000_000;

    private static readonly TimeSpan s_retryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_keepPause = TimeSpan.FromMicroseconds(LeaseUs / 3);
    private static readonly TimeSpan s_readPause = TimeSpan.FromSeconds(15);
    private readonly List<(Func<ClusterView, bool> Condition, TaskCompletionSource<ClusterView> Met)> _waiting = [];
    private SessionId? _session;
    private LeaseId _lease;
    private long _endsUs;

    /// <summary>Told of each new view.</summary>
    public event Action<ClusterView>? Changed;

    public NodeId Self => node.Id;

    public ClusterView View { get; private set; } = ClusterView.Empty;

    public SessionId? Session => clock.GetTimestamp() < _endsUs ? _session : null;

    /// <summary>Whether it hears of no changes.</summary>
    public bool IsHeldBack { get; set; }

    public async Task<ClusterView> WaitAsync(Func<ClusterView, bool> condition, CancellationToken cancellationToken)
    {
        if (condition(View))
        {
            return View;
        }

        TaskCompletionSource<ClusterView> met = new();
        _waiting.Add((condition, met));
        await threads.WaitAsync(met.Task, cancellationToken);
        return await met.Task;
    }

    /// <summary>Hears of a change.</summary>
    public void Hear(ClusterView view)
    {
        if (IsHeldBack || view.Revision <= View.Revision)
        {
            return;
        }

        View = view;
        Changed?.Invoke(view);
        foreach (var waiter in _waiting.Where(waiter => waiter.Condition(view)).ToList())
        {
            _waiting.Remove(waiter);
            waiter.Met.TrySetResult(view);
        }
    }

    /// <summary>Begins a session, and keeps it or others after it.</summary>
    /// <returns>The first; null where the node is none of the store's any more.</returns>
    public async Task<SessionId?> StartAsync()
    {
        SessionId? first = await BeginAsync();
        if (first is not null)
        {
            node.Cluster.Observe(KeepAsync(), life);
            node.Cluster.Observe(ReadAsync(), life);
        }

        return first;
    }

    private async Task<SessionId?> BeginAsync()
    {
        while (true)
        {
            try
            {
                long asked = clock.GetTimestamp();
                _lease = await link.GrantAsync(LeaseUs, CancellationToken.None);
                MetadataTxn txn = new MetadataTxn().IfExists(MetadataKeys.Node(node.Name)).Put(
                    MetadataKeys.LiveNode(Self),
                    RecordJson.Write(new LiveRecord(node.Name, node.Starts), RecordJson.Default.LiveRecord), _lease);
                if (await link.CommitAsync(txn, CancellationToken.None) is { } token)
                {
                    (_session, _endsUs) = (new SessionId(Self, token), asked + LeaseUs);
                    return _session;
                }

                if (await link.GetAsync(MetadataKeys.Node(node.Name), CancellationToken.None) is null)
                {
                    return null;
                }
            }
            catch (CoordinationException)
            {
                // Until it answers.
                _session = null;
            }

            await threads.DelayAsync(s_retryPause, clock, CancellationToken.None);
        }
    }

    private async Task KeepAsync()
    {
        while (!life.IsOver)
        {
            await threads.DelayAsync(s_keepPause, clock, CancellationToken.None);
            if (!await IsKeptAsync())
            {
                _session = null;
                if (await BeginAsync() is null)
                {
                    return;
                }
            }
        }
    }

    /// <summary>False where the session is over, by the store's word or by this machine's clock.</summary>
    private async Task<bool> IsKeptAsync()
    {
        try
        {
            long asked = clock.GetTimestamp();
            if (!await link.KeepAliveAsync(_lease, LeaseUs, CancellationToken.None))
            {
                return false;
            }

            _endsUs = Math.Max(_endsUs, asked + LeaseUs);
            return true;
        }
        catch (CoordinationException)
        {
            return clock.GetTimestamp() < _endsUs;
        }
    }

    /// <summary>Reads what it may have missed, again and again.</summary>
    private async Task ReadAsync()
    {
        while (!life.IsOver)
        {
            try
            {
                MetadataPage page = await link.RangeAsync(
                    MetadataKeys.AllOfCluster, 0, Revision.None, CancellationToken.None);
                Hear(ClusterMonitor.ViewOf(page.Revision, page.Entries));
            }
            catch (CoordinationException e)
            {
                node.Cluster.Note($"{node.Name} does not learn of the others now: {e.Message}");
            }

            await threads.DelayAsync(s_readPause, clock, CancellationToken.None);
        }
    }
}
