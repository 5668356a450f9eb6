using Lepton.Raft.Core;
using Lepton.Raft.Tests.Cluster;

namespace Lepton.Raft.Tests.Core;

public sealed class SmokeTests
{
    [Fact]
    public void Cluster_ProposesAndReads_IsAppliedEverywhere()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        Assert.Null(leader.Core.Propose(1, new byte[] { 1, 2, 3 }));
        leader.Settle();
        cluster.DeliverAll();
        Assert.All(cluster.Nodes, node => Assert.Equal(new LogIndex(3), node.Applied));
        Assert.Null(cluster[2].Core.Propose(2, new byte[] { 4 }));
        Assert.Null(cluster[2].Read(7));
        cluster[2].Settle();
        cluster.DeliverAll();
        Assert.All(cluster.Nodes, node => Assert.Equal(new LogIndex(4), node.Applied));
        Assert.Single(cluster[2].Confirmed);
    }
}
