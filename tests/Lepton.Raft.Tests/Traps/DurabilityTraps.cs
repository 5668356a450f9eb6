using Lepton.Core;
using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Raft.Tests.Cluster;

namespace Lepton.Raft.Tests.Traps;

public sealed class DurabilityTraps
{
    [Fact]
    public void Trap04_SingleNode_CommitsNothingBeforeItIsDurable()
    {
        RaftCluster cluster = new(1);
        ClusterNode node = cluster.Elect(1);
        node.IsDiskSlow = true;
        LogIndex commit = node.Core.Commit;
        Assert.Null(node.Core.Propose(1, new byte[] { 1 }));
        node.Settle();
        Assert.Equal(commit.Next, node.Core.LastIndex);
        Assert.Equal(commit, node.Core.Commit);
        Assert.Equal(commit, node.Applied);
        node.Sync();
        Assert.Equal(commit.Next, node.Applied);
    }

    [Fact]
    public void Trap04_Vote_LeavesWhenItIsDurable()
    {
        RaftCluster cluster = new(3);
        ClusterNode voter = cluster[2];
        voter.IsDiskSlow = true;
        cluster.Deliver(new RaftMessage.VoteRequest(
            new NodeId(1), voter.Id, voter.Core.Term.Next, IsPreVote: false, voter.Core.LastIndex, new Term(1), false));
        Assert.Empty(cluster.Network);
        voter.Sync();
        Assert.True(Assert.IsType<RaftMessage.VoteReply>(Assert.Single(cluster.Network)).IsGranted);
    }

    [Fact]
    public void DiskFull_WriteThatWasRefused_LeavesNoCommitBeyondTheLog()
    {
        RaftCore core = Follower();
        RaftEffects refused = Turn(
            core, leader: 1, term: 2, new LogEntry(new Term(2), new LogIndex(2), EntryKind.NoOp, default), commit: 2);
        Assert.Equal(new LogIndex(2), refused.HardState!.Value.Commit);
        core.DiskFull(refused.Mark);
        Assert.False(core.TakeEffects().MustWrite);

        // What must be promised is tried again after a tick, without the entries.
        core.Tick();
        RaftEffects promises = core.TakeEffects();
        Assert.Empty(promises.Entries);
        Assert.Equal(new HardState(new Term(2), NodeId.None, new LogIndex(1)), promises.HardState);
        core.DiskSpaceBack();
        Assert.Single(core.TakeEffects().Entries);
    }

    [Fact]
    public void Heartbeat_WhileASnapshotIsInstalled_CommitsNothing()
    {
        RaftCore core = Follower();
        LogEntry entry = new(new Term(2), new LogIndex(2), EntryKind.NoOp, default);
        core.Persisted(Turn(core, leader: 1, term: 2, entry).Mark);
        SnapshotMeta meta = new(new LogIndex(2), new Term(3), core.Membership, 10);
        core.Step(new RaftMessage.SnapshotChunk(
            new NodeId(1), core.Id, new Term(3), meta, 0, new byte[10], IsDone: true, Epoch: 0));
        core.SnapshotChunkWritten(meta, 10);
        core.Step(new RaftMessage.Heartbeat(new NodeId(1), core.Id, new Term(3), new LogIndex(2), 1, 0));
        Assert.Equal(new LogIndex(1), core.Commit);
        core.SnapshotInstalled(meta);
        Assert.Equal(new LogIndex(2), core.Commit);
    }

    [Fact]
    public void Trap08_WriteOfAnEntryThatWasOverwrittenAndCameBack_ConfirmsNothing()
    {
        RaftCore core = Follower();

        // Entry 2 of term 2 is replaced by term 3's and comes back with term 4's leader, while its first copy is still
        // on its way to the disk, and the other is behind it.
        LogEntry entry = new(new Term(2), new LogIndex(2), EntryKind.NoOp, default);
        RaftEffects first = Turn(core, leader: 1, term: 2, entry);
        RaftEffects second = Turn(
            core, leader: 3, term: 3, new LogEntry(new Term(3), new LogIndex(2), EntryKind.NoOp, default));
        RaftEffects third = Turn(core, leader: 1, term: 4, entry);
        core.Persisted(first.Mark);
        Assert.Equal(new LogIndex(1), core.Node.Log.Tail.Durable);
        core.Persisted(second.Mark);
        Assert.Equal(new LogIndex(1), core.Node.Log.Tail.Durable);
        core.Persisted(third.Mark);
        Assert.Equal(new LogIndex(2), core.Node.Log.Tail.Durable);
    }

    [Fact]
    public void Trap16_TwoSnapshotsInQuickSuccession_BringTheFollowerUp()
    {
        RaftCluster cluster = new(
            3, new RaftOptions { Id = new NodeId(1), Seed = 1, SnapshotChunkBytes = 10, TailBytesMax = 0 });
        ClusterNode leader = cluster.Elect(1);
        ClusterNode follower = cluster[3];
        follower.Crash();
        cluster.Propose(leader, 1);
        leader.Compact(keep: 0);
        cluster.Restart(follower);
        int pieces = 0;
        cluster.OnSent = message => pieces += message is RaftMessage.SnapshotChunk ? 1 : 0;

        // The first snapshot is gone when half of it is sent.
        for (int tick = 0; tick < 10 && pieces < 4; tick++)
        {
            cluster.Tick(leader);
            for (int i = 0; i < 50 && cluster.Network.Count > 0 && pieces < 4; i++)
            {
                RaftMessage message = cluster.Network[0];
                cluster.Network.RemoveAt(0);
                cluster.Deliver(message);
            }
        }

        Assert.Equal(4, pieces);
        RaftMessage[] onTheirWay = [.. cluster.Network];
        cluster.Network.Clear();
        cluster.Loses = message => message.To == follower.Id;
        cluster.Propose(leader, 2);
        leader.Compact(keep: 0);
        cluster.Loses = _ => false;
        cluster.Network.AddRange(onTheirWay);
        cluster.TickAll(30);
        Assert.Equal(leader.StateHash, follower.StateHash);
        Assert.Equal(leader.Log.Snapshot.Index, follower.Log.Snapshot.Index);

        follower.Crash();
        cluster.Restart(follower);
        cluster.TickAll(2);
        cluster.Propose(leader, 3);
        Assert.Equal(leader.StateHash, follower.StateHash);
    }

    [Fact]
    public void Trap16_GapBetweenSnapshotAndLog_StopsTheNode()
    {
        MemoryLog log = new();
        ClusterMembership one = MembershipChanger.OfVoters([RaftCluster.MemberOf(1)]);
        log.TakeSnapshot(new SnapshotMeta(new LogIndex(9), new Term(2), one, 0), new LogIndex(10));
        GappedLog gapped = new(log, new SnapshotMeta(new LogIndex(5), new Term(2), one, 0));
        Assert.Throws<InvariantException>(() => new RaftCore(
            new RaftOptions { Id = new NodeId(1), Seed = 1 }, gapped,
            new HardState(new Term(2), NodeId.None, new LogIndex(9)), new LogIndex(5), damage: null));
    }

    [Fact]
    public void Trap19_CandidateThatGetsASnapshot_TakesItAndFollows()
    {
        RaftCluster cluster = new(3);
        ClusterNode candidate = cluster[3];
        while (candidate.Role != RaftRole.PreCandidate)
        {
            cluster.Tick(candidate);
        }

        cluster.Deliver(new RaftMessage.VoteReply(
            new NodeId(2), candidate.Id, candidate.Core.Term.Next, IsPreVote: true, IsGranted: true));
        Assert.Equal(RaftRole.Candidate, candidate.Role);
        cluster.Network.Clear();
        byte[] state = new byte[64];
        SnapshotMeta meta = new(new LogIndex(50), candidate.Core.Term, candidate.Core.Membership, state.Length);
        cluster.Deliver(new RaftMessage.SnapshotChunk(
            new NodeId(1), candidate.Id, candidate.Core.Term, meta, 0, state, IsDone: true, Epoch: 0));
        Assert.Equal(RaftRole.Follower, candidate.Role);
        Assert.Equal(new NodeId(1), candidate.Core.Leader);
        Assert.Equal(new LogIndex(50), candidate.Core.Commit);
        Assert.Equal(
            new LogIndex(50), Assert.IsType<RaftMessage.AppendReply>(Assert.Single(cluster.Network)).Index);
    }

    [Fact]
    public void Trap20_LeaderWithAFullDisk_HandsOverAndComesBack()
    {
        RaftCluster cluster = new(3);
        ClusterNode old = cluster.Elect(1);
        old.IsDiskFull = true;
        cluster.Propose(old, 1);
        Assert.Equal(ConsensusFailure.MemberDiskFull, old.Core.Propose(2, new byte[] { 2 }));
        ClusterNode leader = cluster.AwaitLeader(except: old.Id, ticksMax: 3 * cluster.Options.ElectionTicks);
        cluster.Propose(leader, 3);
        Assert.Equal(ConsensusFailure.MemberDiskFull, old.Core.Propose(4, new byte[] { 4 }));
        Assert.Equal(leader.Applied, cluster.Nodes.Single(node => node != old && node != leader).Applied);
        Assert.True(old.Applied < leader.Applied);

        old.IsDiskFull = false;
        old.Core.DiskSpaceBack();
        old.Settle();
        cluster.TickAll(5);
        Assert.Equal(leader.StateHash, old.StateHash);
    }

    [Fact]
    public void DiskFull_OnAMajority_RefusesProposalsAndGoesOnReading()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster[2].IsDiskFull = true;
        cluster[3].IsDiskFull = true;
        cluster.Propose(leader, 1);
        cluster.TickAll(2);
        Assert.Equal(ConsensusFailure.DiskFull, leader.Core.Propose(2, new byte[] { 2 }));
        leader.Read(1);
        leader.Settle();
        cluster.DeliverAll();
        Assert.Single(leader.Confirmed);

        foreach (ClusterNode node in cluster.Nodes)
        {
            node.IsDiskFull = false;
            node.Core.DiskSpaceBack();
            node.Settle();
        }

        cluster.TickAll(3);
        cluster.Propose(leader, 3);
        Assert.All(cluster.Nodes, node => Assert.Equal(leader.StateHash, node.StateHash));
    }

    [Fact]
    public void DamagedFollower_HasTheLeaderSendAgainAndVotesOnceItIsWhole()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        for (byte command = 1; command < 6; command++)
        {
            cluster.Propose(leader, command);
        }

        ClusterNode damaged = cluster[2];
        damaged.Crash();
        damaged.Log.Lose(new LogIndex(3), loseHardState: false);
        cluster.Isolate(2);
        cluster.Restart(damaged);
        Assert.True(damaged.Core.IsDamaged);
        for (int i = 0; i < 50; i++)
        {
            cluster.Tick(damaged);
            Assert.Equal(RaftRole.Follower, damaged.Role);
        }

        cluster.Network.Clear();
        cluster.Heal();
        cluster.Deliver(new RaftMessage.VoteRequest(
            new NodeId(3), damaged.Id, new Term(9), IsPreVote: true, new LogIndex(99), new Term(8), IsTransfer: true));
        Assert.False(Assert.IsType<RaftMessage.VoteReply>(cluster.Network[^1]).IsGranted);
        cluster.Network.Clear();

        // Nothing the leader writes makes it send what was confirmed once, but for the request.
        cluster.TickAll(3);
        Assert.Equal(leader.StateHash, damaged.StateHash);
        Assert.False(damaged.Core.IsDamaged);
    }

    [Fact]
    public void DamagedFollower_ReplacedEntriesComeBack_AreNotTakenForCommitted()
    {
        // Members 1 and 2 alone have entries of the first term. Then 3 leads, which has never seen them, and replaces
        // them; 2 confirms, and loses on its disk just what it confirmed.
        RaftCluster cluster = new(5);
        ClusterNode old = cluster.Elect(1);
        ClusterNode damaged = cluster[2];
        LogIndex commit = damaged.Core.Commit;
        cluster.Loses = message => message.To != damaged.Id;
        cluster.Propose(old, 1);
        cluster.Propose(old, 2);
        cluster.Propose(old, 3);
        LogEntry[] before = [.. damaged.Log.Durable];
        Assert.Equal(commit + 3, damaged.Core.LastIndex);
        Assert.Equal(commit, damaged.Core.Commit);
        cluster.Loses = message => message.To == damaged.Id;
        cluster.Isolate(1);
        ClusterNode leader = cluster.Elect(3);
        cluster.Loses = _ => false;
        for (byte command = 11; command < 15; command++)
        {
            cluster.Propose(leader, command);
        }

        cluster.TickAll(2);
        Assert.Equal(leader.StateHash, damaged.StateHash);
        damaged.Crash();
        damaged.Log.LoseSince(before, commit);
        cluster.Restart(damaged);
        cluster.TickAll(4);
        cluster.Propose(leader, 20);
        Assert.Equal(leader.StateHash, damaged.StateHash);
        Assert.False(damaged.Core.IsDamaged);
    }

    [Fact]
    public void DamagedFollower_LateConfirmationFromBefore_DoesNotCount()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        RaftMessage? late = null;
        cluster.OnSent = message => late = message is RaftMessage.AppendReply { From.Value: 2 } ? message : late;
        cluster.Propose(leader, 1);
        cluster.OnSent = null;
        ClusterNode damaged = cluster[2];
        damaged.Crash();
        damaged.Log.Lose(new LogIndex(2), loseHardState: false);
        cluster.Restart(damaged);
        cluster.Loses = message => message is RaftMessage.Append;
        cluster.TickAll(2);
        Assert.Equal(LogIndex.Zero.Next, leader.Core.Node.Leadership!.Find(damaged.Id)!.Match);
        cluster.Deliver(late!);
        Assert.Equal(LogIndex.Zero.Next, leader.Core.Node.Leadership!.Find(damaged.Id)!.Match);
    }

    [Fact]
    public void LostPromises_NodeConfirmsNothingUntilItHeardAllTerms()
    {
        RaftCluster cluster = new(3);
        ClusterNode leader = cluster.Elect(1);
        cluster.Propose(leader, 1);
        ClusterNode damaged = cluster[2];
        damaged.Crash();
        damaged.Log.Lose(new LogIndex(2), loseHardState: true);
        cluster[3].Crash();
        cluster.Restart(damaged);

        // It confirms nothing, not even to the leader: it may have promised to ignore it. So there is no quorum.
        bool confirmed = false;
        cluster.OnSent = message => confirmed |= message.From == damaged.Id
            && (message is RaftMessage.AppendReply or RaftMessage.HeartbeatReply
                or RaftMessage.VoteReply { IsGranted: true });
        cluster.TickAll(3);
        Assert.False(confirmed);
        Assert.True(damaged.Core.IsDamaged);

        cluster.Restart(cluster[3]);
        cluster.TickAll(60);
        Assert.False(damaged.Core.IsDamaged);
        cluster.Propose(cluster.AwaitLeader(), 2);
        Assert.Equal(cluster[3].StateHash, damaged.StateHash);
    }

    /// <summary>Node 2 of three at its first start, alone with its disk.</summary>
    private static RaftCore Follower()
    {
        MemoryLog log = new();
        ClusterMembership three = MembershipChanger.OfVoters([.. Enumerable.Range(1, 3).Select(RaftCluster.MemberOf)]);
        log.Bootstrap(Bootstrap.FirstEntry(three), Bootstrap.HardState);
        return new RaftCore(
            new RaftOptions { Id = new NodeId(2), Seed = 1 }, log, Bootstrap.HardState, LogIndex.Zero, damage: null);
    }

    private static RaftEffects Turn(RaftCore core, ulong leader, long term, LogEntry entry, long commit = 1)
    {
        core.Step(new RaftMessage.Append(
            new NodeId(leader), core.Id, new Term(term), new LogIndex(1), new Term(1), [entry],
            new LogIndex(commit), Epoch: 0, IsNotice: false));
        return core.TakeEffects();
    }

    /// <summary>A log whose entries begin further on than its snapshot ends.</summary>
    private sealed class GappedLog(MemoryLog entries, SnapshotMeta snapshot) : Raft.Log.ILogReader
    {
        public SnapshotMeta Snapshot => snapshot;

        public LogIndex FirstIndex => entries.FirstIndex;

        public LogIndex LastIndex => entries.LastIndex;

        public Term? TermOf(LogIndex index) => entries.TermOf(index);

        public IReadOnlyList<LogEntry> Read(LogIndex from, LogIndex to, long bytesMax) =>
            entries.Read(from, to, bytesMax);
    }
}
