using System.Collections.Concurrent;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;

namespace Lepton.Storage.Replication;

/// <summary>The ways to all nodes, this one included, and which of them have not answered of late. Thread
/// safe.</summary>
/// <param name="cluster">What is known of the nodes.</param>
/// <param name="local">This node.</param>
/// <param name="connect">Makes the way to another.</param>
/// <param name="options">How long a node is asked last.</param>
internal sealed class PeerSet(
    IClusterSource cluster, LocalPeer local, Func<ClusterNode, IBlockPeer> connect, ReplicationOptions options)
    : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(NodeId Id, Uri Address), Lazy<IBlockPeer>> _peers = new();
    private readonly ConcurrentDictionary<NodeId, long> _suspectSince = new();

    /// <summary>This node.</summary>
    public LocalPeer Local => local;

    /// <summary>What is known of the nodes.</summary>
    public IClusterSource Cluster => cluster;

    /// <summary>The blocks of a node.</summary>
    public IBlockPeer Of(ClusterNode node) => node.Id == cluster.Self
        ? local
        : _peers.GetOrAdd((node.Id, node.Address), _ => new Lazy<IBlockPeer>(() => connect(node))).Value;

    /// <summary>Whether a node did not answer of late.</summary>
    public bool IsSuspect(NodeId node) =>
        _suspectSince.TryGetValue(node, out long since)
        && options.TimeProvider.GetElapsedTime(since) < options.SuspectTime;

    /// <summary>Says that a node did not answer.</summary>
    public void Suspect(NodeId node) => _suspectSince[node] = options.TimeProvider.GetTimestamp();

    /// <summary>Says how a call of a node ended: null where it did what was asked.</summary>
    public void Heard(NodeId node, Exception? fault)
    {
        if (fault is BlockException { Failure: BlockFailure.Unreachable })
        {
            Suspect(node);
        }
        else
        {
            _suspectSince.TryRemove(node, out _);
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (Lazy<IBlockPeer> peer in _peers.Values)
        {
            (peer.Value as IDisposable)?.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
