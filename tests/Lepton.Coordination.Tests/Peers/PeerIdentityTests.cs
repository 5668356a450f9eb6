using Lepton.Coordination.Peers;
using Lepton.Coordination.Protocol;
using Lepton.Raft;
using Lepton.Raft.Messages;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Peers;

/// <summary>Members refuse those who are not theirs, and say why.</summary>
public sealed class PeerIdentityTests
{
    private static readonly PeerIdentity s_self = new(0xc1, new NodeId(1));

    [Fact]
    public void Check_OneOfOurs_IsLetIn() => s_self.Check(new PeerIdentity(0xc1, new NodeId(2)).Hello(s_self.Node));

    [Theory]
    [InlineData(0xc2, 1, 0, 0, "it belongs to the cluster c2, this node to c1: one of the two was started with the " +
        "address of another cluster's member, or with another cluster's data directory")]
    [InlineData(0xc1, 3, 0, 0, "it looks for the member 3 and this is 1: two members have the same peer URL")]
    [InlineData(0xc1, 1, 1, 1, "upgrade this node")]
    [InlineData(0xc1, 1, -1, -1, "upgrade that node")]
    public void Check_SomebodyElse_IsRefusedWithTheReason(
        ulong cluster, ulong to, int format, int formatMin, string reason)
    {
        PeerHello hello = new PeerIdentity(cluster, new NodeId(2)).Hello(new NodeId(to));
        hello.Format = (uint)(RaftMessageCodec.Version + format);
        hello.FormatMin = (uint)(RaftMessageCodec.Version + formatMin);
        RpcException e = Assert.Throws<RpcException>(() => s_self.Check(hello));
        Assert.Equal(StatusCode.FailedPrecondition, e.StatusCode);
        Assert.Contains(reason, e.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_NoGreeting_IsRefused()
    {
        RpcException e = Assert.Throws<RpcException>(() => s_self.Check(null));
        Assert.Contains("it did not say who it is first", e.Detail, StringComparison.Ordinal);
    }
}
