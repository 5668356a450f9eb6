using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Raft.Tests.Cluster;

namespace Lepton.Raft.Tests.Traps;

public sealed class MembershipTraps
{
    [Fact]
    public void Trap09_ChangeInAPartition_NeedsAMajorityOfTheOldVotersToo()
    {
        RaftCluster cluster = new(2);
        ClusterNode leader = cluster.Elect(1);
        cluster.AddNode(3);
        cluster.CutBoth(1, 2);
        cluster.CutBoth(2, 3);
        LogIndex commit = leader.Core.Commit;
        cluster.Change(leader, new MembershipChange.AddVoter(RaftCluster.MemberOf(3)));
        cluster.DeliverAll();
        cluster.TickAll(4);

        // 1 and 3 are most of the new voters; of the old ones, 1 alone agrees.
        Assert.Equal(leader.Core.LastIndex, cluster[3].Core.LastIndex);
        Assert.Equal(commit, leader.Core.Commit);
        Assert.True(leader.Core.Membership.IsJoint);

        cluster.Heal();
        cluster.TickAll(60);
        Assert.All(cluster.Nodes, node => Assert.Equal(3, node.Core.Membership.Voters.Count));
        Assert.All(cluster.Nodes, node => Assert.False(node.Core.Membership.IsJoint));
    }

    [Fact]
    public void Trap10_ChangeBeforeACommitInTheTerm_IsRefused()
    {
        // The strict check would refuse it in any case, as one of the three is down.
        RaftCluster cluster = new(
            3, new RaftOptions { Id = new NodeId(1), Seed = 1, StrictReconfiguration = false });
        cluster.Elect(1);
        cluster[1].Crash();
        cluster.Loses = message => message is RaftMessage.AppendReply;
        ClusterNode leader = cluster.Elect(2);
        Assert.Equal(
            ConsensusFailure.MembershipChangePending,
            leader.Core.ChangeMembership(1, new MembershipChange.Remove(new NodeId(3))));
        cluster.Loses = _ => false;
        cluster.TickAll(3);
        Assert.Null(leader.Core.ChangeMembership(1, new MembershipChange.Remove(new NodeId(3))));
        Assert.Equal(
            ConsensusFailure.MembershipChangePending,
            leader.Core.ChangeMembership(2, new MembershipChange.Remove(new NodeId(1))));
    }

    [Fact]
    public void Trap11_JointMembership_IsLeftOnlyOnceItIsCommitted()
    {
        RaftCluster cluster = new(3, new RaftOptions { Id = new NodeId(1), Seed = 1, AppendBytesMax = 1 });
        ClusterNode leader = cluster.Elect(1);
        leader.Core.Propose(1, new byte[] { 1 });
        cluster.Change(leader, new MembershipChange.Remove(new NodeId(3)));

        // The command before the joint membership is committed first.
        cluster.Loses = message => message is RaftMessage.Append append
            && append.Entries.Any(entry => entry.Kind == EntryKind.Membership);
        cluster.DeliverAll();
        Assert.Equal(leader.Core.LastIndex.Previous, leader.Core.Commit);
        Assert.True(leader.Core.Membership.IsJoint);
        leader.Crash();

        // Whoever finds it in its log waits as well.
        cluster.Restart(leader);
        cluster.Loses = message => message is RaftMessage.AppendReply;
        ClusterNode next = cluster.Elect(1);
        Assert.True(next.Core.Membership.IsJoint);
        cluster.Loses = _ => false;
        cluster.TickAll(5);
        Assert.False(next.Core.Membership.IsJoint);
        Assert.Equal([new NodeId(1), new NodeId(2)], next.Core.Membership.Voters);
    }

    [Fact]
    public void Trap12_LeaderOnItsWayOut_VotesForItselfWhileTheOldVotersCount()
    {
        RaftCluster cluster = new(2);
        ClusterNode leader = cluster.Elect(1);
        cluster.Loses = message => message is RaftMessage.AppendReply;
        cluster.Change(leader, new MembershipChange.Remove(leader.Id));
        cluster.DeliverAll();
        leader.Crash();
        cluster.Restart(leader);
        cluster.Loses = _ => false;
        Assert.Equal([new NodeId(2)], leader.Core.Membership.Voters);
        for (int i = 0; i < cluster.Options.ElectionTicks; i++)
        {
            cluster.Tick(cluster[2]);
        }

        // Time goes on for 1 alone: it leads once more, brings the change to its end, and hands over.
        cluster.Network.Clear();
        for (int i = 0; i < 2 * cluster.Options.ElectionTicks; i++)
        {
            cluster.Tick(leader);
            cluster.DeliverAll();
        }

        Assert.Equal(RaftRole.Leader, cluster[2].Role);
        Assert.Equal([new NodeId(2)], cluster[2].Core.Membership.Voters);
    }

    [Fact]
    public void Trap13_RemovedLeaderThatAloneHoldsTheNewestEntry_StandsForElection()
    {
        RaftCluster cluster = new(2);
        ClusterNode leader = cluster.Elect(1);
        cluster.Loses = message => message is RaftMessage.Append append
            && append.Entries.Any(entry => entry.Kind == EntryKind.Membership
                && !MembershipCodec.Decode(entry.Data).IsJoint);
        cluster.Change(leader, new MembershipChange.Remove(leader.Id));
        cluster.DeliverAll();
        Assert.False(leader.Core.Membership.IsJoint);
        Assert.True(cluster[2].Core.Membership.IsJoint);
        leader.Crash();
        cluster.Loses = _ => false;
        cluster.Restart(leader);

        // 2 needs the vote of 1, which has the newer log: only 1 can bring the change to its end.
        cluster.TickAll(150);
        Assert.Equal(RaftRole.Leader, cluster[2].Role);
        Assert.False(cluster[2].Core.Membership.IsJoint);
        cluster.Propose(cluster[2], 1);
    }

    [Fact]
    public void Trap14_LearnerThatIsAVoterInTheCandidatesLog_Votes()
    {
        RaftCluster cluster = new(2);
        ClusterNode leader = cluster.Elect(1);
        ClusterNode learner = cluster.AddNode(3);
        cluster.Change(leader, new MembershipChange.AddLearner(RaftCluster.MemberOf(3)));
        cluster.TickAll(5);
        cluster.Isolate(3);
        cluster.Change(leader, new MembershipChange.Promote(learner.Id));
        cluster.DeliverAll();
        cluster.TickAll(3);
        Assert.Equal(3, cluster[2].Core.Membership.Voters.Count);
        Assert.Equal([learner.Id], learner.Core.Membership.Learners);

        leader.Crash();
        cluster.Heal();
        cluster.Elect(2);
        cluster.TickAll(3);
        Assert.Equal(3, learner.Core.Membership.Voters.Count);
    }

    [Fact]
    public void Trap15_UncommittedMembership_IsInForceAfterARestart()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Isolate(1);
        cluster.Change(leader, new MembershipChange.Remove(new NodeId(3)));
        LogIndex commit = leader.Core.Commit;
        leader.Crash();
        cluster.Restart(leader);
        Assert.True(leader.Core.LastIndex > commit);
        Assert.True(leader.Core.Membership.IsJoint);
        Assert.Equal([new NodeId(1), new NodeId(2)], leader.Core.Membership.Voters);

        // And is not, where another leader never heard of it.
        ClusterNode other = cluster.AwaitLeader(except: leader.Id);
        cluster.Heal();
        cluster.TickAll(40);
        Assert.Equal(3, leader.Core.Membership.Voters.Count);
        Assert.NotNull(other);
    }

    [Fact]
    public void Trap21_RemovedMember_DoesNotComeBackWithARestart()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Change(leader, new MembershipChange.Remove(new NodeId(3)));
        cluster.DeliverAll();
        cluster.TickAll(2);
        cluster.Propose(leader, 1);
        foreach (ClusterNode node in cluster.Nodes)
        {
            node.Compact(keep: 0);
            node.Crash();
            cluster.Restart(node);
        }

        Assert.All(cluster.Nodes, node => Assert.Equal(
            [new NodeId(1), new NodeId(2)], node.Core.Membership.Members.Select(member => member.Id)));
        cluster.TickAll(60);
        Assert.NotEqual(RaftRole.Leader, cluster[3].Role);
        Assert.NotEqual(new NodeId(3), cluster.AwaitLeader().Id);
    }

    [Fact]
    public void ChangeMembership_LearnerFarBehind_IsNotPromoted()
    {
        RaftCluster cluster = new(1, new RaftOptions { Id = new NodeId(1), Seed = 1, PromotionLagMax = 3 });
        ClusterNode leader = cluster.Elect(1);
        cluster.AddNode(2);
        cluster.Change(leader, new MembershipChange.AddLearner(RaftCluster.MemberOf(2)));
        cluster.TickAll(2);
        cluster.Isolate(2);
        for (byte command = 0; command < 5; command++)
        {
            cluster.Propose(leader, command);
        }

        MembershipChange promote = new MembershipChange.Promote(new NodeId(2));
        Assert.Equal(ConsensusFailure.LearnerNotReady, leader.Core.ChangeMembership(1, promote));
        cluster.Heal();
        cluster.TickAll(5);
        Assert.Null(leader.Core.ChangeMembership(1, promote));
    }

    [Fact]
    public void ChangeMembership_TooFewOfTheRestAnswer_IsRefusedUnlessTheCheckIsOff()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Isolate(3);
        cluster.TickAll(cluster.Options.ElectionTicks + 1);

        // Of 1 and 3 one answers: nothing could be committed any more, the removal itself included.
        MembershipChange removal = new MembershipChange.Remove(new NodeId(2));
        Assert.Equal(ConsensusFailure.ClusterUnhealthy, leader.Core.ChangeMembership(1, removal));
        cluster.TickAll(3 * cluster.Options.ElectionTicks);
        Assert.Equal(RaftRole.Leader, leader.Role);

        // The one that is down may go.
        cluster.Change(leader, new MembershipChange.Remove(new NodeId(3)));
        cluster.TickAll(3);
        Assert.Equal([new NodeId(1), new NodeId(2)], leader.Core.Membership.Voters);

        RaftCluster lax = new(3, cluster.Options with { StrictReconfiguration = false });
        ClusterNode careless = lax.Elect(1);
        lax.Isolate(3);
        lax.TickAll(lax.Options.ElectionTicks + 1);
        Assert.Null(careless.Core.ChangeMembership(1, removal));
    }

    [Fact]
    public void ChangeMembership_FromAFollower_GoesByWayOfTheLeader()
    {
        RaftCluster cluster = new(3);
        cluster.Elect(1);
        ClusterNode follower = cluster[2];
        Assert.Null(follower.Core.ChangeMembership(5, new MembershipChange.Remove(new NodeId(3))));
        Assert.Null(follower.Core.ChangeMembership(6, new MembershipChange.Remove(new NodeId(77))));
        follower.Settle();
        cluster.DeliverAll();
        cluster.TickAll(2);
        Assert.Equal(
            [null, ConsensusFailure.MembershipChangePending], follower.Outcomes.Select(outcome => outcome.Failure));
        Assert.Equal(2, follower.Core.Membership.Voters.Count);
    }

    [Fact]
    public void Forward_DoubledWhileItsSenderWasRemovedAndCameBack_IsProposedOnce()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        ClusterNode follower = cluster[3];
        RaftMessage? forward = null;
        cluster.OnSent = message => forward = message is RaftMessage.Forward ? message : forward;
        cluster.Propose(follower, 7);
        Assert.NotNull(forward);
        cluster.Change(leader, new MembershipChange.Remove(follower.Id));
        cluster.DeliverAll();
        cluster.TickAll((2 * cluster.Options.ElectionTicks) + 2);
        Assert.Null(leader.Core.Node.Leadership!.Find(follower.Id));
        cluster.Change(leader, new MembershipChange.AddLearner(RaftCluster.MemberOf(3)));
        cluster.DeliverAll();
        cluster.TickAll(2);
        Assert.Equal(leader.StateHash, follower.StateHash);

        // The copy has been on its way since before the removal; the term is still the same.
        Assert.Equal(forward.Term, leader.Core.Term);
        cluster.Deliver(forward);
        cluster.DeliverAll();
        Assert.Single(leader.Entries, entry => entry.Kind == EntryKind.Command);
    }

    [Fact]
    public void ChangeMembership_LeaderRemovesItself_HandsOverOnceItIsCommitted()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Change(leader, new MembershipChange.Remove(leader.Id));
        cluster.DeliverAll();
        Assert.Equal(RaftRole.Follower, leader.Role);
        Assert.Contains(cluster.Nodes, node => node.Role == RaftRole.Leader && node != leader);
        Assert.DoesNotContain(leader.Id, leader.Core.Membership.Voters);
        for (int i = 0; i < 50; i++)
        {
            cluster.Tick(leader);
            Assert.Equal(RaftRole.Follower, leader.Role);
        }
    }
}
