using System.Collections.Immutable;
using Lepton.Coordination.Client;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>Follows what the coordination store has of the nodes. Thread safe.</summary>
internal sealed class ClusterMonitor(CoordinationClient client, NodeId self, TimeProvider timeProvider, ILogger logger)
    : IClusterWatch, IAsyncDisposable
{
    private static readonly TimeSpan s_retryPause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ClusterView _view = ClusterView.Empty;
    private Task _running = Task.CompletedTask;

    /// <summary>Told of each new view, one after the other. Must not throw, nor take its time.</summary>
    public event Action<ClusterView>? Changed;

    public NodeId Self => self;

    public ClusterView View => Volatile.Read(ref _view);

    /// <summary>What keeps this node's session; null before it has one.</summary>
    public NodeSession? Sessions { get; set; }

    public SessionId? Session => Sessions?.Current;

    /// <summary>Begins to follow.</summary>
    public void Start() => _running = RunAsync();

    public async Task<ClusterView> WaitAsync(Func<ClusterView, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task change;
            lock (_gate)
            {
                change = _change.Task;
            }

            if (condition(View))
            {
                return View;
            }

            await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    /// <summary>The nodes as keys tell of them.</summary>
    internal static ClusterView ViewOf(Revision revision, IEnumerable<MetadataEntry> entries)
    {
        int copies = 1;
        List<ClusterNode> nodes = [];
        ImmutableDictionary<NodeId, Revision>.Builder live = ImmutableDictionary.CreateBuilder<NodeId, Revision>();
        foreach (MetadataEntry entry in entries)
        {
            if (entry.Key == MetadataKeys.Store)
            {
                copies = RecordJson.Read(entry, RecordJson.Default.StoreRecord).Copies;
            }
            else if (entry.Key.StartsWith(MetadataKeys.Nodes))
            {
                NodeRecord node = RecordJson.Read(entry, RecordJson.Default.NodeRecord);
                nodes.Add(new ClusterNode(
                    new NodeId(node.NodeId), node.Name, new Uri(node.Address), node.Zone, node.Weight,
                    node.IsDraining)
                {
                    Starts = node.Starts,
                });
            }
            else if (entry.Key.StartsWith(MetadataKeys.LiveNodes))
            {
                live[new NodeId(MetadataKeys.After(MetadataKeys.LiveNodes, entry.Key))] = entry.Revision;
            }
        }

        return new ClusterView(revision, new ClusterLayout(copies, nodes), live.ToImmutable());
    }

    private async Task RunAsync()
    {
        while (true)
        {
            try
            {
                await FollowAsync().ConfigureAwait(false);
            }
            catch (Exception e) when (e is CoordinationException or InvalidDataException)
            {
                StorageLog.ClusterUnknown(logger, e.Message);
            }

            await Task.Delay(s_retryPause, timeProvider, _stopping.Token).ConfigureAwait(false);
        }
    }

    private async Task FollowAsync()
    {
        RangeResult read = await client.RangeAsync(MetadataKeys.AllOfCluster, null, _stopping.Token)
            .ConfigureAwait(false);
        Dictionary<Bytes, KeyValue> entries = read.Entries.ToDictionary(static entry => entry.Key);
        Publish(read.Revision);
        WatchOptions options = new() { StartRevision = read.Revision.Next };
        await foreach (WatchBatch batch in client.WatchAsync(MetadataKeys.AllOfCluster, options, _stopping.Token)
            .ConfigureAwait(false))
        {
            foreach (WatchEvent told in batch.Events)
            {
                if (told.Kind == WatchEventKind.Put)
                {
                    entries[told.Entry.Key] = told.Entry;
                }
                else
                {
                    entries.Remove(told.Entry.Key);
                }
            }

            Publish(batch.Revision);
        }

        void Publish(Revision revision)
        {
            ClusterView view = ViewOf(
                revision,
                entries.Values.Select(entry => new MetadataEntry(entry.Key, entry.Value.Memory, entry.ModRevision)));
            TaskCompletionSource told;
            lock (_gate)
            {
                Volatile.Write(ref _view, view);
                told = _change;
                _change = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            Changed?.Invoke(view);
            told.SetResult();
        }
    }
}
