using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Messages;
using Lepton.Raft.Tests.Cluster;

namespace Lepton.Raft.Tests.Traps;

public sealed class ReadTraps
{
    [Fact]
    public void Trap01_ReadBeforeTheLeadersFirstCommit_WaitsForIt()
    {
        RaftCluster cluster = new(3);
        ClusterNode old = cluster.Elect(1);
        cluster.Loses = message => message is RaftMessage.Append { To.Value: 2 or 3 } append && append.Commit.Value > 2;
        cluster.Propose(old, 5);
        Assert.Equal(new LogIndex(3), old.Applied);
        Assert.Equal(new LogIndex(2), cluster[2].Core.Commit);
        old.Crash();

        // The new leader knows less to be committed than its predecessor did, until it commits an entry of its own.
        cluster.Loses = message => message is RaftMessage.AppendReply;
        ClusterNode leader = cluster.Elect(2);
        Assert.Null(leader.Read(1));
        leader.Settle();
        cluster.TickAll(3);
        Assert.Empty(leader.Confirmed);

        cluster.Loses = _ => false;
        cluster.TickAll(3);
        Assert.True(Assert.Single(leader.Confirmed).Index >= new LogIndex(3));
    }

    [Fact]
    public void Trap02_LateAnswersToAnEarlierRound_ConfirmNothing()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        List<RaftMessage> answers = [];
        cluster.OnSent = message =>
        {
            if (message is RaftMessage.HeartbeatReply)
            {
                answers.Add(message);
            }
        };
        leader.Read(1);
        leader.Settle();
        cluster.DeliverAll();
        Assert.Single(leader.Confirmed);

        cluster.Isolate(1);
        leader.Read(2);
        leader.Settle();
        cluster.DeliverAll();
        cluster.Heal();
        foreach (RaftMessage answer in answers.ToList())
        {
            cluster.Deliver(answer);
        }

        Assert.Single(leader.Confirmed);
    }

    [Fact]
    public void Trap02_LateAnswerToARequestOfAnEarlierStart_ConfirmsNothing()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        RaftMessage? answer = null;
        cluster.OnSent = message => answer = message is RaftMessage.ReadReply ? message : answer;
        ClusterNode reader = cluster[2];
        reader.Read(1);
        reader.Settle();
        cluster.DeliverAll();
        Assert.Single(reader.Confirmed);

        reader.Crash();
        cluster.Propose(leader, 9);
        cluster.Restart(reader);
        cluster.TickAll();
        cluster.Isolate(2);
        Assert.Null(reader.Read(1));
        reader.Settle();
        cluster.DeliverAll();
        cluster.Heal();
        cluster.Deliver(answer!);
        Assert.Single(reader.Confirmed);
    }

    [Fact]
    public void ReadIndex_ManyAtOnce_ShareOneRound()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        int heartbeats = 0;
        cluster.OnSent = message => heartbeats += message is RaftMessage.Heartbeat ? 1 : 0;
        for (ulong read = 1; read <= 500; read++)
        {
            leader.Read(read);
        }

        leader.Settle();
        for (ulong read = 501; read <= 1_000; read++)
        {
            leader.Read(read);
        }

        leader.Settle();
        Assert.Equal(2, heartbeats);
        cluster.DeliverAll();
        Assert.Equal(4, heartbeats);
        Assert.Equal(1_000, leader.Confirmed.Count);
    }

    [Fact]
    public void ReadIndex_ManyRoundsInOneTick_ProbeALaggardOnce()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Loses = message => message is RaftMessage.Append { To.Value: 3 };
        leader.Core.PeerUnreachable(new NodeId(3));
        leader.Settle();
        cluster.DeliverAll();
        cluster.TickAll();
        int probes = 0;
        cluster.OnSent = message => probes += message is RaftMessage.Append { To.Value: 3 } ? 1 : 0;
        for (ulong read = 1; read <= 20; read++)
        {
            leader.Read(read);
            leader.Settle();
            cluster.DeliverAll();
        }

        Assert.Equal(20, leader.Confirmed.Count);
        Assert.Equal(0, probes);
        cluster.Tick(leader);
        cluster.DeliverAll();
        Assert.Equal(1, probes);
    }

    [Fact]
    public void ReadIndex_AnswerToAFollowerLost_IsAskedAgain()
    {
        RaftCluster cluster = new(3);
        cluster.Elect(1);
        cluster.Loses = message => message is RaftMessage.ReadReply;
        cluster[3].Read(4);
        cluster[3].Settle();
        cluster.TickAll();
        cluster.Loses = _ => false;
        cluster.TickAll(5);
        Assert.Equal(4UL, Assert.Single(cluster[3].Confirmed).Context);
    }

    [Fact]
    public void ReadIndex_LeadershipLost_FailsAndCanBeAskedAgain()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Isolate(1);
        leader.Read(1);
        cluster.TickAll(30);
        Assert.Equal(new FailedRead(1, ConsensusFailure.LeaderChanged), Assert.Single(leader.Failed));
        Assert.Equal(ConsensusFailure.NoLeader, leader.Read(2));
    }

    [Fact]
    public void ReadIndex_WithALease_AsksNobodyUntilItEnds()
    {
        RaftCluster cluster = new(3, new RaftOptions { Id = new NodeId(1), Seed = 3, LeaseReads = true });
        ClusterNode leader = cluster.AwaitLeader();
        cluster.TickAll(3);
        cluster.Isolate((int)leader.Id.Value);
        leader.Read(1);
        leader.Settle();
        Assert.Single(leader.Confirmed);
        for (int i = 0; i < cluster.Options.ElectionTicks - cluster.Options.LeaseDriftTicks; i++)
        {
            cluster.Tick(leader);
        }

        leader.Read(2);
        leader.Settle();
        Assert.Single(leader.Confirmed);
    }

    [Fact]
    public void ReadIndex_WithALeaseAfterATransferBegan_AsksTheOthers()
    {
        RaftCluster cluster = new(3, new RaftOptions { Id = new NodeId(1), Seed = 3, LeaseReads = true });
        ClusterNode leader = cluster.AwaitLeader();
        cluster.TickAll(3);
        ClusterNode other = cluster.Nodes.First(node => node != leader);
        cluster.Isolate((int)leader.Id.Value);
        Assert.Null(leader.Core.TransferLeadership(other.Id));
        leader.Read(1);
        leader.Settle();
        Assert.Empty(leader.Confirmed);
    }
}
