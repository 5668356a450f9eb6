using System.Collections.Immutable;
using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Tests;

/// <summary>A store of one node, whose blocks a test has in its hands.</summary>
internal sealed class LoneCluster : IClusterSource, IRepairQueue
{
    private LoneCluster(SessionId session)
    {
        Session = session;
        ClusterNode node = new(session.Node, "s1", new Uri("http://127.0.0.1:1"), "", 1, IsDraining: false);
        View = new ClusterView(
            session.Token, new ClusterLayout(3, [node]),
            ImmutableDictionary<NodeId, Revision>.Empty.Add(session.Node, session.Token));
    }

    public NodeId Self => Session!.Value.Node;

    public ClusterView View { get; }

    public SessionId? Session { get; }

    /// <summary>Puts the key that says that the node lives.</summary>
    public static async Task<LoneCluster> StartAsync(CoordinationClient client)
    {
        NodeId node = new("00000000000000000000000000000001");
        PutResult put = await client.PutAsync(MetadataKeys.LiveNode(node), "{}");
        return new LoneCluster(new SessionId(node, put.Revision));
    }

    /// <summary>The blocks of the store.</summary>
    public ReplicatedBlocks Of(BlockStore blocks)
    {
        ReplicationOptions options = new();
        LocalPeer local = new(blocks, new UploadPins(blocks), this);
        return new ReplicatedBlocks(
            new PeerSet(this, local, _ => throw new InvalidOperationException("There is one node."), options), this,
            options);
    }

    public void Add(BlockRef block) => Assert.Fail($"There is no node where {block} could be repaired.");
}
