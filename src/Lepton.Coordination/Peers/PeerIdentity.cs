using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Messages;
using Lepton.Rpc;

namespace Lepton.Coordination.Peers;

/// <summary>
/// Who this node is to its peers: they talk only if they are of one cluster and understand each other.
/// </summary>
/// <param name="ClusterId">The cluster.</param>
/// <param name="Node">The node.</param>
internal sealed record PeerIdentity(ulong ClusterId, NodeId Node)
{
    /// <summary>What it says first to a peer.</summary>
    public PeerHello Hello(NodeId peer) => new()
    {
        ClusterId = ClusterId,
        From = Node.Value,
        To = peer.Value,
        Format = RaftMessageCodec.Version,
        FormatMin = RaftMessageCodec.Version,
    };

    /// <summary>Looks at what a peer said first.</summary>
    /// <exception cref="RpcException">It is of another cluster, meant for another node, or of another time.</exception>
    public void Check(PeerHello? hello)
    {
        string? fault = hello switch
        {
            null => "it did not say who it is first",
            _ when hello.ClusterId != ClusterId =>
                $"it belongs to the cluster {hello.ClusterId:x}, this node to {ClusterId:x}: one of the two was " +
                "started with the address of another cluster's member, or with another cluster's data directory",
            _ when hello.To != Node.Value =>
                $"it looks for the member {hello.To:x} and this is {Node}: two members have the same peer URL",
            _ when hello.FormatMin > RaftMessageCodec.Version =>
                $"it speaks the formats from {hello.FormatMin} on and this node up to {RaftMessageCodec.Version}: " +
                "upgrade this node",
            _ when hello.Format < RaftMessageCodec.Version =>
                $"it speaks the formats up to {hello.Format} and this node from {RaftMessageCodec.Version} on: " +
                "upgrade that node",
            _ => null,
        };
        if (fault is not null)
        {
            throw new RpcException(StatusCode.FailedPrecondition, $"A peer's stream is refused: {fault}.");
        }
    }
}
