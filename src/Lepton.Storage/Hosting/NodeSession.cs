using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Microsoft.Extensions.Logging;

namespace Lepton.Storage.Hosting;

/// <summary>
/// Keeps the key that says that this node lives, and puts another where its lease was lost. The key's revision is the
/// node's fencing token. Thread safe.
/// </summary>
internal sealed class NodeSession : IAsyncDisposable
{
    private static readonly TimeSpan s_retryPause = TimeSpan.FromSeconds(1);
    private readonly CoordinationClient _client;
    private readonly NodeRecord _node;
    private readonly TimeSpan _leaseTime;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private Held? _held;
    private Task _keeping = Task.CompletedTask;

    private NodeSession(
        CoordinationClient client, NodeRecord node, TimeSpan leaseTime, TimeProvider timeProvider, ILogger logger) =>
        (_client, _node, _leaseTime, _timeProvider, _logger) = (client, node, leaseTime, timeProvider, logger);

    /// <summary>Raised when the node's record is not there any more, or is another start's.</summary>
    public event Action<StorageException>? Superseded;

    /// <summary>The session; null while there is none.</summary>
    public SessionId? Current => Volatile.Read(ref _held) is { Lease.IsAlive: true } held ? held.Id : null;

    private NodeId Id => new(_node.NodeId);

    /// <summary>Begins a session, and keeps it.</summary>
    /// <exception cref="StorageException">The node's record is another's.</exception>
    /// <exception cref="CoordinationException">The coordination store fails.</exception>
    public static async Task<NodeSession> StartAsync(
        CoordinationClient client, NodeRecord node, TimeSpan leaseTime, TimeProvider timeProvider, ILogger logger,
        CancellationToken cancellationToken)
    {
        NodeSession session = new(client, node, leaseTime, timeProvider, logger);
        try
        {
            session._held = await session.BeginAsync(cancellationToken).ConfigureAwait(false);
            session._keeping = session.KeepAsync();
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Sees whether the node was removed, or another process runs as it. The liveness key would not do: this process
    /// puts a newer one, too, where its lease was lost.
    /// </summary>
    public void Check(ClusterView view)
    {
        if (Volatile.Read(ref _held) is not { } held || view.Revision < held.Id.Token)
        {
            return;
        }

        if (view.Layout.Find(Id) is not { } node)
        {
            Superseded?.Invoke(Gone(null));
        }
        else if (node.Starts > _node.Starts)
        {
            Superseded?.Invoke(Gone(_node));
        }
    }

    /// <summary>Ends it: other nodes know at once that this one is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_held is { } held)
        {
            await held.Lease.DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task<Held> BeginAsync(CancellationToken cancellationToken)
    {
        LeaseSession lease = await LeaseSession.StartAsync(
            _client, new LeaseSessionOptions { Ttl = _leaseTime }, cancellationToken).ConfigureAwait(false);
        try
        {
            CoordinationMetadata metadata = new(_client);
            MetadataEntry? entry = await metadata.GetAsync(MetadataKeys.Node(_node.Name), cancellationToken)
                .ConfigureAwait(false);
            NodeRecord? there = entry is null ? null : RecordJson.Read(entry, RecordJson.Default.NodeRecord);
            if (there?.NodeId != _node.NodeId || there.Starts != _node.Starts)
            {
                throw Gone(there);
            }

            // Over the key of an earlier session, where its lease has not run out: that session is over then.
            MetadataTxn txn = new MetadataTxn().IfExists(MetadataKeys.Node(_node.Name)).Put(
                MetadataKeys.LiveNode(Id),
                RecordJson.Write(new LiveRecord(_node.Name, _node.Starts), RecordJson.Default.LiveRecord),
                lease.Lease);
            Revision token = await metadata.CommitAsync(txn, cancellationToken).ConfigureAwait(false)
                ?? throw Gone(null);
            return new Held(lease, new SessionId(Id, token));
        }
        catch
        {
            await lease.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private StorageException Gone(NodeRecord? there) => new(there is null
        ? $"The node '{_node.Name}' was removed from its store while it ran. To have it join again, start it with an " +
            "empty --data-dir."
        : $"Another process runs as the node '{_node.Name}', from this data directory or a copy of it: it started " +
            "after this one. Stop one of the two.");

    private async Task KeepAsync()
    {
        while (true)
        {
            using (CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(
                _held!.Lease.Lost, _stopping.Token))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, _timeProvider, end.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _stopping.Token.ThrowIfCancellationRequested();
            StorageLog.SessionLost(_logger, _node.Name);
            await _held.Lease.DisposeAsync().ConfigureAwait(false);
            try
            {
                Volatile.Write(ref _held, await AgainAsync().ConfigureAwait(false));
            }
            catch (StorageException e)
            {
                Superseded?.Invoke(e);
                return;
            }
        }
    }

    private async Task<Held> AgainAsync()
    {
        while (true)
        {
            try
            {
                return await BeginAsync(_stopping.Token).ConfigureAwait(false);
            }
            catch (CoordinationException e)
            {
                StorageLog.ClusterUnknown(_logger, e.Message);
                await Task.Delay(s_retryPause, _timeProvider, _stopping.Token).ConfigureAwait(false);
            }
        }
    }

    private sealed record Held(LeaseSession Lease, SessionId Id);
}
