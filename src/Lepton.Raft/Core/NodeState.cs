using Lepton.Core;
using Lepton.Core.Randomness;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>What all the rules of one node share: its promises, its log, its role, its timers.</summary>
internal sealed class NodeState
{
    // How many heartbeats a doubted leader may miss at least: one may just have been on its way.
    private const int DoubtHeartbeats = 2;
    private readonly SeededRandom _random;
    private long? _lastContact;
    private int _electionTimeout;
    private bool _isLeaderDoubted;
    private Term? _doubtedIn;

    public NodeState(RaftOptions options, ILogReader log, HardState hardState, LogIndex applied, LogDamage? damage)
    {
        Options = options;
        _random = new SeededRandom(options.Seed);
        Session = _random.NextUInt64();
        Promises = new PromiseBook(hardState);
        Log = new RaftLogView(log, CommitOf(log, hardState, damage), applied);
        Memberships = MembershipScan.Of(log);
        Repair = new Repair(this, damage);
        Reads = new ForwardedReads(this);
        Proposals = new ForwardedProposals(this);
        Receiving = new SnapshotReceiving(this);
        ResetElectionTimer();
    }

    public RaftOptions Options { get; }

    public NodeId Id => Options.Id;

    /// <summary>Tells this start of the node from all others.</summary>
    public ulong Session { get; }

    public PromiseBook Promises { get; }

    public Term Term => Promises.Term;

    public RaftLogView Log { get; }

    public MembershipHistory Memberships { get; }

    public Outbox Outbox { get; } = new();

    public Repair Repair { get; }

    public ForwardedReads Reads { get; }

    public ForwardedProposals Proposals { get; }

    public SnapshotReceiving Receiving { get; }

    public RaftRole Role { get; private set; }

    public NodeId Leader { get; private set; }

    /// <summary>What a leader knows; null on any other node, so that nothing of it outlives its term.</summary>
    public Leadership? Leadership { get; private set; }

    /// <summary>
    /// Whether entries can't be written at present. They stay in memory, and nothing is said of them.
    /// </summary>
    public bool IsDiskFull { get; set; }

    /// <summary>The time since the start.</summary>
    public long Now { get; set; }

    /// <summary>Since when the node waits for an election.</summary>
    public long ElectionStart { get; private set; }

    /// <summary>Counts the rounds of confirmation, over all terms.</summary>
    public long LastRound { get; set; }

    public bool IsElectionDue => Now - ElectionStart >= _electionTimeout;

    /// <summary>
    /// Whether a leader of this term was heard of so lately that no other is to be elected. A leader counts as heard
    /// of: it steps down by itself when no quorum answers.
    /// </summary>
    public bool IsLeaderAlive => Role == RaftRole.Leader
        || (Leader != NodeId.None && Now - _lastContact < Options.ElectionTicks);

    /// <summary>
    /// The leader of this term shows that it leads. Snapshots and answers to reads do not count: they may go on long
    /// after the leader has lost its quorum.
    /// </summary>
    public void HearLeader()
    {
        _lastContact = Now;
        ElectionStart = Now;
        if (_isLeaderDoubted)
        {
            ResetElectionTimer();
        }
    }

    /// <summary>
    /// The way to the leader broke, most often because its process died. Unless it shows itself within a few
    /// heartbeats, this node asks for pre-votes, and meanwhile it gives them. That is as safe as any election; where
    /// others still hear the leader, they refuse, and nothing has happened. All see the break at once, so each waits a
    /// heartbeat longer than the voter before it: two that stood together would split the votes. Reads by lease rest on
    /// nobody voting so early, so with them nothing is doubted. Once a term: where the leader shows itself after all,
    /// it or the way to it is slow, and that is for the election timeout to judge.
    /// </summary>
    public void DoubtLeader()
    {
        if (_doubtedIn == Term || Role != RaftRole.Follower || Options.LeaseReads)
        {
            return;
        }

        int before = Memberships.Current.Voters.Count(voter => voter < Id && voter != Leader);
        int ticks = (DoubtHeartbeats + before) * Options.HeartbeatTicks;
        if (ticks < _electionTimeout)
        {
            _isLeaderDoubted = true;
            _doubtedIn = Term;
            _lastContact = null;
            ElectionStart = Now;
            _electionTimeout = ticks;
        }
    }

    public void ResetElectionTimer()
    {
        _isLeaderDoubted = false;
        ElectionStart = Now;
        _electionTimeout = _random.NextInt32(Options.ElectionTicks, 2 * Options.ElectionTicks);
    }

    /// <summary>Follows a leader, or nobody yet, in this term or in a later one.</summary>
    public void BecomeFollower(Term term, NodeId leader)
    {
        if (term != Term)
        {
            Promises.Enter(term, NodeId.None);
        }

        Leave();
        Role = RaftRole.Follower;
        Leader = leader;
        _lastContact = null;
        ResetElectionTimer();
    }

    /// <summary>
    /// Stands for election, or asks whether it could. It has no leader meanwhile, whatever it heard before.
    /// </summary>
    public void BecomeCandidate(bool isPreVote)
    {
        Invariant.Check(Role != RaftRole.Leader);
        if (!isPreVote)
        {
            Promises.Enter(Term.Next, Id);
        }

        Leave();
        Role = isPreVote ? RaftRole.PreCandidate : RaftRole.Candidate;
        Leader = NodeId.None;
        ResetElectionTimer();
    }

    public void BecomeLeader()
    {
        Invariant.Check(Role == RaftRole.Candidate);
        Role = RaftRole.Leader;
        Leader = Id;
        Leadership = new Leadership(this);
    }

    /// <summary>Sends a message at once, unless it would show promises that the node could still forget.</summary>
    public void Send(RaftMessage message)
    {
        if (Promises.AreDurable)
        {
            Outbox.Send(message);
        }
        else
        {
            Outbox.SendAfterDurable(message);
        }
    }

    /// <summary>Sends a message that says that the log is durable up to an index.</summary>
    public void SendWhenDurable(RaftMessage message, LogIndex index)
    {
        if (index <= Log.Tail.Durable)
        {
            Send(message);
        }
        else if (!IsDiskFull)
        {
            Outbox.SendAfterDurable(message);
        }
    }

    /// <summary>Appends an entry; a membership is in force at once.</summary>
    public void Append(LogEntry entry, ClusterMembership? membership = null)
    {
        Log.Append(entry);
        if (entry.Kind == EntryKind.Membership)
        {
            Memberships.Append(entry.Index, membership ?? MembershipCodec.Decode(entry.Data));
        }
    }

    public void CommitTo(LogIndex index)
    {
        if (index > Log.Commit)
        {
            Log.CommitTo(index);
            Memberships.Compact(index);
        }
    }

    private void Leave()
    {
        Leadership?.End();
        Leadership = null;
        Reads.LeaderLost();
        Proposals.LeaderLost();
    }

    // A snapshot is committed by itself; what is lost of a damaged log can't be known to be committed.
    private static LogIndex CommitOf(ILogReader log, HardState hardState, LogDamage? damage)
    {
        LogIndex commit = hardState.Commit > log.Snapshot.Index ? hardState.Commit : log.Snapshot.Index;
        return damage is not null && commit > log.LastIndex ? log.LastIndex : commit;
    }
}
