using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Messages;
using Lepton.Raft.Tests.Cluster;

namespace Lepton.Raft.Tests.Traps;

public sealed class ElectionTraps
{
    [Fact]
    public void Trap03_NewLeader_CommitsWhatAnEarlierTermLeft()
    {
        RaftCluster cluster = new(3);
        ClusterNode old = cluster.Elect(1);
        cluster.Loses = message => message is RaftMessage.AppendReply;
        cluster.Propose(old, 7);
        old.Crash();
        cluster.Loses = _ => false;
        cluster.Elect(2);
        cluster.TickAll(3);
        Assert.Equal(7, cluster[2].Entries.Last(entry => entry.Kind == EntryKind.Command).Data.Span[0]);
        Assert.Equal(7, cluster[3].Entries.Last(entry => entry.Kind == EntryKind.Command).Data.Span[0]);
    }

    [Fact]
    public void Trap17_PreCandidate_HasForgottenItsOldLeader()
    {
        RaftCluster cluster = new(3);
        cluster.Elect(1);
        cluster[1].Crash();
        ClusterNode first = cluster[3];
        while (first.Role != RaftRole.PreCandidate)
        {
            cluster.Tick(first);
        }

        // It has just begun to wait for its own pre-votes; a candidate before it must not wait for it in turn.
        cluster.Network.Clear();
        Assert.Equal(NodeId.None, first.Core.Leader);
        cluster.Deliver(new RaftMessage.VoteRequest(
            new NodeId(2), first.Id, first.Core.Term.Next, IsPreVote: true, first.Core.LastIndex, first.Core.Term,
            IsTransfer: false));
        Assert.True(Assert.IsType<RaftMessage.VoteReply>(Assert.Single(cluster.Network)).IsGranted);
    }

    [Fact]
    public void Trap17_NodeInALaterTerm_IsHeardAndComesBack()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        ClusterNode stray = cluster[3];

        // It is in a later term than the leader, by a vote that nobody else knows of.
        cluster.Deliver(new RaftMessage.VoteReply(
            new NodeId(2), stray.Id, new Term(9), IsPreVote: false, IsGranted: false));
        Assert.Equal(new Term(9), stray.Core.Term);
        cluster.TickAll(60);
        ClusterNode now = cluster.AwaitLeader();
        cluster.Propose(now, 1);
        Assert.Equal(now.Applied, stray.Applied);
        Assert.True(leader.Core.Term >= new Term(9));
    }

    [Fact]
    public void Trap18_OldLeaderBehindABridge_GivesWayToTheConnectedQuorum()
    {
        RaftCluster cluster = new(5);
        ClusterNode old = cluster.Elect(1);
        cluster[5].Crash();

        // 1 sees 3 alone; 2, 3 and 4 see each other and could lead, if 3 did not go on listening to 1.
        cluster.CutBoth(1, 2);
        cluster.CutBoth(1, 4);
        ClusterNode leader = cluster.AwaitLeader(except: old.Id);
        cluster.TickAll(30);
        cluster.Propose(leader, 1);
        Assert.NotEqual(RaftRole.Leader, old.Role);
        Assert.Equal(leader.Core.Term, cluster[3].Core.Term);
        Assert.Equal(leader.Id, cluster[3].Core.Leader);
    }

    [Fact]
    public void Trap18_SnapshotsAndReadAnswers_AreNoContactWithALeader()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Propose(leader, 1);
        ClusterNode follower = cluster[2];
        SnapshotMeta meta = new(new LogIndex(50), leader.Core.Term, leader.Core.Membership, 1_000);
        int ticks = 0;
        bool stood = false;
        cluster.OnSent = message => stood |= message is RaftMessage.VoteRequest;
        while (!stood && ticks++ < 100)
        {
            cluster.Tick(follower);
            cluster.Deliver(new RaftMessage.SnapshotChunk(
                leader.Id, follower.Id, leader.Core.Term, meta, 0, default, IsDone: false, Epoch: 0));
            cluster.Deliver(new RaftMessage.ReadReply(
                leader.Id, follower.Id, leader.Core.Term, 1, new LogIndex(1), Failure: null));
        }

        Assert.InRange(ticks, 1, 2 * cluster.Options.ElectionTicks);
    }

    [Fact]
    public void Trap22_NodeWithoutTheCommittedEntries_IsNotElected()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Isolate(3);
        for (byte command = 1; command < 10; command++)
        {
            cluster.Propose(leader, command);
        }

        leader.Crash();
        cluster.Heal();
        for (int i = 0; i < 200; i++)
        {
            cluster.Tick(cluster[3]);
            cluster.Tick(cluster[2]);
            cluster.DeliverAll();
            Assert.NotEqual(RaftRole.Leader, cluster[3].Role);
        }

        Assert.Equal(RaftRole.Leader, cluster[2].Role);
        Assert.Equal(cluster[2].StateHash, cluster[3].StateHash);
    }

    [Fact]
    public void Trap22_LongConflictingTail_IsReplacedInFewMessages()
    {
        RaftCluster cluster = new(3);
        ClusterNode old = cluster.Elect(1);
        cluster.Isolate(1);
        for (byte command = 0; command < 200; command++)
        {
            old.Core.Propose(command, new[] { command });
            old.Settle();
        }

        cluster.Network.Clear();
        ClusterNode leader = cluster.AwaitLeader(except: old.Id);
        cluster.TickAll(20);
        for (byte command = 0; command < 250; command++)
        {
            cluster.Propose(leader, command);
        }

        // The next leader does not know yet how far the logs agree, and starts from its end.
        ClusterNode next = cluster.Nodes.Single(node => node != old && node != leader);
        leader.Core.TransferLeadership(next.Id);
        leader.Settle();
        cluster.DeliverAll();
        leader = next;
        Assert.Equal(RaftRole.Leader, leader.Role);
        cluster.Heal();
        int rejections = 0;
        cluster.OnSent = message => rejections += message is RaftMessage.AppendReply { IsRejected: true } ? 1 : 0;
        cluster.TickAll(10);
        Assert.Equal(leader.StateHash, old.StateHash);
        Assert.InRange(rejections, 1, 3);
    }

    [Fact]
    public void Trap23_DeposedLeader_FollowsAndCanLeadAgain()
    {
        RaftCluster cluster = new(3);
        ClusterNode old = cluster.Elect(1);
        cluster.Isolate(1);
        ClusterNode leader = cluster.AwaitLeader(except: old.Id);
        cluster.TickAll(30);
        Assert.NotEqual(RaftRole.Leader, old.Role);
        cluster.Heal();
        cluster.TickAll(30);
        leader = cluster.AwaitLeader();
        cluster.Propose(leader, 1);

        Assert.Null(leader.Core.TransferLeadership(old.Id));
        leader.Settle();
        cluster.DeliverAll();
        Assert.Equal(leader == old ? leader.Role : RaftRole.Leader, old.Role);
        cluster.Propose(old, 2);
        Assert.All(cluster.Nodes, node => Assert.Equal(old.StateHash, node.StateHash));
    }

    [Fact]
    public void Step_VoteRequestWhileTheLeaderLives_ChangesNothing()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.TickAll(2);
        Term term = leader.Core.Term;
        cluster.Deliver(new RaftMessage.VoteRequest(
            new NodeId(3), new NodeId(2), new Term(40), IsPreVote: false, new LogIndex(99), new Term(39), false));
        Assert.Equal(term, cluster[2].Core.Term);
    }

    [Fact]
    public void ReadIndex_WithoutALeader_IsRefusedAtOnce()
    {
        RaftCluster cluster = new(3);
        Assert.Equal(ConsensusFailure.NoLeader, cluster[1].Read(1));
        Assert.Equal(ConsensusFailure.NoLeader, cluster[1].Core.Propose(1, new byte[] { 1 }));
        Assert.Equal(ConsensusFailure.NotLeader, cluster[1].Core.TransferLeadership(new NodeId(2)));
    }

    [Fact]
    public void PeerUnreachable_LeaderIsDead_AnotherLeadsWithinAFewHeartbeats()
    {
        RaftCluster cluster = new(3);
        ClusterNode old = cluster.Elect(1);
        old.Crash();
        cluster[2].Core.PeerUnreachable(old.Id);
        cluster[3].Core.PeerUnreachable(old.Id);
        cluster.TickAll(4 * cluster.Options.HeartbeatTicks);
        Assert.NotEqual(old.Id, cluster.Leader.Id);
    }

    [Fact]
    public void PeerUnreachable_LeaderIsAlive_ItGoesOnLeading()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        Term term = leader.Core.Term;
        for (int i = 0; i < 50; i++)
        {
            cluster[2].Core.PeerUnreachable(leader.Id);
            cluster[3].Core.PeerUnreachable(leader.Id);
            cluster.TickAll();
        }

        Assert.Equal(leader.Id, cluster[2].Core.Leader);
        Assert.Equal(term, cluster[3].Core.Term);
    }

    [Fact]
    public void PeerUnreachable_OthersStillHearTheLeader_NothingHappens()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        Term term = leader.Core.Term;
        cluster.CutBoth(1, 2);
        cluster[2].Core.PeerUnreachable(leader.Id);
        cluster.TickAll(30);
        cluster.Heal();
        cluster.TickAll(30);
        Assert.Equal(leader.Id, cluster[2].Core.Leader);
        Assert.Equal(term, cluster[2].Core.Term);
    }

    [Fact]
    public void PeerUnreachable_ReadsByLease_TheLeaseIsWaitedFor()
    {
        RaftCluster cluster = new(3, new RaftOptions { Id = new NodeId(1), Seed = 1, LeaseReads = true });
        ClusterNode old = cluster.Elect(1);
        old.Crash();
        cluster[2].Core.PeerUnreachable(old.Id);
        cluster[3].Core.PeerUnreachable(old.Id);
        cluster.TickAll(cluster.Options.ElectionTicks - 1);
        Assert.All(cluster.Nodes.Skip(1), node => Assert.Equal(RaftRole.Follower, node.Role));
    }

    [Fact]
    public void Step_TwoAskForPreVotesAtOnce_OneWithdrawsAndTheOtherIsElected()
    {
        RaftCluster cluster = WithTwoPreCandidates();
        cluster.DeliverAll();
        Assert.Equal(RaftRole.Leader, cluster[2].Role);
        Assert.Equal(RaftRole.Follower, cluster[3].Role);
        Assert.Equal(cluster[2].Core.Term, cluster[3].Core.Term);
    }

    [Fact]
    public void Step_PreCandidateWhoseOwnRequestsGetLost_LetsTheOtherHaveItsTurn()
    {
        RaftCluster cluster = WithTwoPreCandidates();
        cluster.Loses = message => message is RaftMessage.VoteRequest && message.From == new NodeId(2);
        cluster.TickAll(4 * cluster.Options.ElectionTicks);
        Assert.Equal(RaftRole.Leader, cluster[3].Role);
    }

    private static RaftCluster WithTwoPreCandidates()
    {
        RaftCluster cluster = new(3);
        cluster.Elect(1).Crash();
        foreach (ClusterNode node in cluster.Nodes.Skip(1))
        {
            while (node.Role != RaftRole.PreCandidate)
            {
                cluster.Tick(node);
            }
        }

        return cluster;
    }
}
