using Lepton.Core;
using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// The consensus of one node (Raft paper; thesis §3 to §6, §9.6): synchronous and pure, without task, clock, socket,
/// disk or log. The host feeds inputs, any number of them, then takes a turn's effects with
/// <see cref="TakeEffects"/> and carries them out, again and again until there are none. Not thread safe.
/// </summary>
public sealed class RaftCore
{
    private readonly NodeState _node;
    private readonly Elections _elections;
    private readonly FollowerRules _follower;
    private NodeId _reportedLeader;
    private Term _reportedTerm;
    private long _turn;
    private long _writeAgainAt;

    /// <summary>Starts a node from what its disk holds.</summary>
    /// <param name="options">Its options.</param>
    /// <param name="log">Its log, of which the core reads what is durable; the host appends to it meanwhile.</param>
    /// <param name="hardState">What it promised.</param>
    /// <param name="applied">Up to where its state machine has applied already; entries behind it are given
    /// out.</param>
    /// <param name="damage">What of its log it can't read any more; null where nothing is lost.</param>
    /// <exception cref="ArgumentException">The options are wrong; all faults are told.</exception>
    public RaftCore(RaftOptions options, ILogReader log, HardState hardState, LogIndex applied, LogDamage? damage)
    {
        if (options.Validate() is { Count: > 0 } faults)
        {
            throw new ArgumentException(string.Join(Environment.NewLine, faults), nameof(options));
        }

        _node = new NodeState(options, log, hardState, applied, damage);
        _elections = new Elections(_node);
        _follower = new FollowerRules(_node);
    }

    /// <summary>This node.</summary>
    public NodeId Id => _node.Id;

    /// <summary>Its term.</summary>
    public Term Term => _node.Term;

    /// <summary>The leader of the term, as far as known.</summary>
    public NodeId Leader => _node.Leader;

    /// <summary>What it is at present.</summary>
    public RaftRole Role => _node.Role;

    /// <summary>What it knows to be committed.</summary>
    public LogIndex Commit => _node.Log.Commit;

    /// <summary>The last entry, durable or not.</summary>
    public LogIndex LastIndex => _node.Log.LastIndex;

    /// <summary>The membership in force: the latest one in the log, committed or not.</summary>
    public ClusterMembership Membership => _node.Memberships.Current;

    /// <summary>To whom this leader is handing over, or nobody.</summary>
    public NodeId TransferTarget => _node.Leadership?.Transfer.Target ?? NodeId.None;

    /// <summary>Whether entries, or promises, were lost and are not yet made good: the node does not vote.</summary>
    public bool IsDamaged => _node.Repair.IsActive;

    /// <summary>Whether the node was told that its disk is full.</summary>
    public bool IsDiskFull => _node.IsDiskFull;

    /// <summary>Whether this node leads, and so many disks are full that nothing can be committed.</summary>
    public bool LacksRoom => _node.Leadership?.LacksRoom ?? false;

    /// <summary>The state behind this face, for tests.</summary>
    internal NodeState Node => _node;

    /// <summary>Time passes.</summary>
    public void Tick()
    {
        _node.Now++;
        if (_node.Leadership is { } leadership)
        {
            leadership.Tick();
        }
        else
        {
            _elections.Tick();
            _node.Reads.Tick();
        }

        if (_node.Now % _node.Options.HeartbeatTicks == 0)
        {
            _node.Repair.Tick();
        }
    }

    /// <summary>A message has come.</summary>
    public void Step(RaftMessage message)
    {
        if (message.To != Id || message.From == Id)
        {
            return;
        }

        if (message.Term > Term)
        {
            if (IsUnwelcome(message))
            {
                return;
            }

            if (!ChangesNoTerm(message))
            {
                _node.BecomeFollower(message.Term, NodeId.None);
            }
        }
        else if (message.Term < Term)
        {
            AnswerLate(message);
            return;
        }

        Dispatch(message);
    }

    /// <summary>Has a command put into the log: here by a leader, else by way of the leader.</summary>
    /// <param name="id">The host's number for it, by which <see cref="RaftEffects.Outcomes"/> tell of its
    /// refusal.</param>
    /// <param name="command">The command; the core keeps the bytes.</param>
    /// <returns>Why it is refused at once; null where it is in the log or on its way to the leader.</returns>
    public ConsensusFailure? Propose(ulong id, ReadOnlyMemory<byte> command) =>
        _node.Leadership is { } leadership ? leadership.Propose(command) : _node.Proposals.Add(id, command);

    /// <summary>Has a linearizable read confirmed; ends in a confirmed or a failed read.</summary>
    /// <param name="context">The host's number for it, never used for another read that is under way.</param>
    /// <returns>Why it is refused at once; null where it is under way.</returns>
    public ConsensusFailure? ReadIndex(ulong context) =>
        _node.Leadership is { } leadership ? leadership.Reads.Add(Id, context) : _node.Reads.Add(context);

    /// <summary>Changes the membership: here by a leader, else by way of the leader.</summary>
    /// <param name="id">The host's number for it, by which <see cref="RaftEffects.Outcomes"/> tell of it.</param>
    /// <param name="change">The change.</param>
    /// <returns>Why it is refused at once; null where it is in the log or on its way to the leader.</returns>
    public ConsensusFailure? ChangeMembership(ulong id, MembershipChange change)
    {
        if (_node.Leadership is not { } leadership)
        {
            return _node.Proposals.Add(id, change);
        }

        ProposalOutcome outcome = leadership.ChangeMembership(id, change);
        if (outcome.Failure is null)
        {
            _node.Outbox.Tell(outcome);
        }

        return outcome.Failure;
    }

    /// <summary>
    /// Hands leadership over. Done when <see cref="Leader"/> is the other one, given up when
    /// <see cref="TransferTarget"/> is nobody again and this node still leads.
    /// </summary>
    /// <returns>Why it is refused; null where it is under way.</returns>
    public ConsensusFailure? TransferLeadership(NodeId successor) =>
        _node.Leadership is { } leadership ? leadership.HandOver(successor) : ConsensusFailure.NotLeader;

    /// <summary>A turn's write is durable, and so are all before it.</summary>
    /// <param name="mark">The <see cref="RaftEffects.Mark"/> of that turn.</param>
    public void Persisted(DurabilityMark mark)
    {
        _node.Promises.Acknowledge(mark.Write);
        _node.Log.Tail.Acknowledge(mark.Write);
        Invariant.Check(
            _node.Log.Tail.Durable != mark.Index || _node.Log.TermOf(mark.Index) is not { } term || term == mark.Term);
        _node.Repair.OnDurable();
        _node.Leadership?.OnDurable();
    }

    /// <summary>
    /// A turn's write was refused for want of room, and nothing of it was written; its
    /// <see cref="RaftEffects.MessagesAfterDurable"/> are not to be sent. The core keeps what it has and gives it out
    /// again when there is room; what it must promise it tries again after a tick.
    /// </summary>
    /// <param name="mark">The <see cref="RaftEffects.Mark"/> of that turn.</param>
    public void DiskFull(DurabilityMark mark)
    {
        Invariant.Check(mark.Write <= _turn);
        _node.IsDiskFull = true;
        _node.Promises.TakeBack();
        _node.Log.Tail.TakeBack();
        _writeAgainAt = _node.Now + 1;
    }

    /// <summary>There is room on the disk again.</summary>
    public void DiskSpaceBack()
    {
        _node.IsDiskFull = false;
        _writeAgainAt = 0;
    }

    /// <summary>The way to a peer is broken; what was sent last may not have come.</summary>
    public void PeerUnreachable(NodeId peer)
    {
        _node.Leadership?.OnUnreachable(peer);
        if (peer == Leader)
        {
            _node.DoubtLeader();
        }
    }

    /// <summary>A piece of a snapshot that <see cref="SnapshotRead"/> asked for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="data">The bytes; null, or none, where the snapshot is not there any more.</param>
    public void SnapshotChunkRead(SnapshotRead request, ReadOnlyMemory<byte>? data) =>
        _node.Leadership?.OnChunkRead(request, data);

    /// <summary>A received piece was dealt with.</summary>
    /// <param name="meta">The snapshot.</param>
    /// <param name="offsetWanted">How much of it the host has; all of it, when it is to be installed.</param>
    public void SnapshotChunkWritten(SnapshotMeta meta, long offsetWanted)
    {
        if (_node.Receiving.OnWritten(meta, offsetWanted))
        {
            _follower.Acknowledge(Commit, _node.Receiving.Epoch);
        }
    }

    /// <summary>
    /// A received piece, or the whole, could not be kept, as on a full disk. It is not answered, so that the leader
    /// asks after a while how much there is, and by then there may be room.
    /// </summary>
    public void SnapshotChunkNotKept(SnapshotMeta meta) => _node.Receiving.OnNotKept(meta);

    /// <summary>A snapshot is in the log and in the state machine, durably.</summary>
    public void SnapshotInstalled(SnapshotMeta meta)
    {
        _node.Receiving.OnInstalled(meta);
        _follower.Acknowledge(meta.Index, _node.Receiving.Epoch);
    }

    /// <summary>A received snapshot is no good; it is to be sent again from its start.</summary>
    public void SnapshotRefused(SnapshotMeta meta) => _node.Receiving.OnRefused(meta);

    /// <summary>Ends the turn: what is to be done for all inputs since the last one.</summary>
    public RaftEffects TakeEffects()
    {
        _node.Leadership?.Flush();
        if (_node.Leadership is null)
        {
            _node.Reads.Flush();
            _node.Proposals.Flush();
        }

        _follower.Flush();
        _turn++;
        RaftLogView log = _node.Log;
        bool mayWrite = _node.Now >= _writeAgainAt;
        LogEntry[] entries = mayWrite && !_node.IsDiskFull ? log.Tail.Hand(_turn) : [];
        LogIndex handed = log.Tail.Handed;
        HardState? hardState = mayWrite
            ? _node.Promises.Hand(_turn, log.Commit < handed ? log.Commit : handed, entries.Length > 0)
            : null;
        if (!mayWrite)
        {
            _node.Outbox.DropAfterDurable();
        }

        IReadOnlyList<LogEntry> committed = log.Deliver(_node.Options.CommittedBytesMax);
        log.Tail.Trim(log.Delivered, _node.Options.TailBytesMax);
        bool changed = Leader != _reportedLeader || (Leader != NodeId.None && Term != _reportedTerm);
        (_reportedLeader, _reportedTerm) = (Leader, Term);
        DurabilityMark mark = new(_turn, log.TermOf(handed) ?? Term.Zero, handed);
        return _node.Outbox.Take(hardState, entries, mark, committed, changed);
    }

    /// <summary>
    /// While a leader is alive, nobody is elected unless that leader wants it: a node that lost touch would else
    /// depose it again and again.
    /// </summary>
    private bool IsUnwelcome(RaftMessage message)
    {
        if (message is not RaftMessage.VoteRequest { IsTransfer: false } request || !_node.IsLeaderAlive)
        {
            return false;
        }

        if (request.IsPreVote)
        {
            _node.Send(new RaftMessage.VoteReply(Id, request.From, Term, IsPreVote: true, IsGranted: false));
        }

        return true;
    }

    private static bool ChangesNoTerm(RaftMessage message) =>
        message is RaftMessage.VoteRequest { IsPreVote: true }
        or RaftMessage.VoteReply { IsPreVote: true, IsGranted: true };

    /// <summary>Tells the sender of an older term, as gently as its message allows, that the term is over.</summary>
    private void AnswerLate(RaftMessage message)
    {
        switch (message)
        {
            case RaftMessage.Append or RaftMessage.Heartbeat or RaftMessage.SnapshotChunk:
                _node.Send(new RaftMessage.HeartbeatReply(Id, message.From, Term, Round: 0, IsDiskFull));
                break;
            case RaftMessage.VoteRequest request:
                _node.Send(new RaftMessage.VoteReply(Id, request.From, Term, request.IsPreVote, IsGranted: false));
                break;
            case RaftMessage.TermProbe probe:
                _node.Send(new RaftMessage.TermReport(
                    Id, probe.From, Term, probe.Session,
                    [.. Membership.Voters.Union(Membership.OutgoingVoters).Order()]));
                break;
            default:
                RefuseLeading(message);
                break;
        }
    }

    /// <summary>
    /// Answers what only the leader of the message's term could do. Whether it did, before it lost the lead, is not
    /// known any more.
    /// </summary>
    private void RefuseLeading(RaftMessage message)
    {
        if (message is RaftMessage.ReadRequest read)
        {
            _node.Send(new RaftMessage.ReadReply(
                Id, read.From, Term, read.Context, LogIndex.Zero, ConsensusFailure.LeaderChanged));
        }
        else if (message is RaftMessage.Forward forward)
        {
            _node.Send(new RaftMessage.ForwardReply(
                Id, forward.From, Term, forward.Session,
                [.. forward.Proposals.Select(proposal => new ProposalOutcome(
                    proposal.Id, ConsensusFailure.LeaderChanged, Term, LogIndex.Zero))]));
        }
    }

    private void Dispatch(RaftMessage message)
    {
        switch (message)
        {
            case RaftMessage.Append or RaftMessage.Heartbeat or RaftMessage.SnapshotChunk
                when !_node.Repair.MayFollow(message.From):
                break;
            case RaftMessage.Append append:
                _follower.Follow(append.From);
                _follower.OnAppend(append);
                break;
            case RaftMessage.Heartbeat heartbeat:
                _follower.Follow(heartbeat.From);
                _follower.OnHeartbeat(heartbeat);
                break;
            case RaftMessage.SnapshotChunk chunk:
                _follower.Follow(chunk.From);
                if (!_node.Repair.Intercepts(chunk.From, chunk.Epoch) && _node.Receiving.OnChunk(chunk))
                {
                    _follower.Acknowledge(Commit, chunk.Epoch);
                }

                break;
            case RaftMessage.VoteRequest request:
                _elections.OnVoteRequest(request);
                break;
            case RaftMessage.VoteReply reply:
                _elections.OnVoteReply(reply);
                break;
            case RaftMessage.TimeoutNow timeout:
                _elections.OnTimeoutNow(timeout);
                break;
            case RaftMessage.ReadReply reply:
                _node.Reads.OnReply(reply);
                break;
            case RaftMessage.ForwardReply reply:
                _node.Proposals.OnReply(reply);
                break;
            case RaftMessage.TermProbe probe:
                AnswerLate(probe);
                break;
            case RaftMessage.TermReport report:
                _node.Repair.OnTermReport(report);
                break;
            default:
                DispatchToLeader(message);
                break;
        }
    }

    private void DispatchToLeader(RaftMessage message)
    {
        if (_node.Leadership is not { } leadership)
        {
            RefuseLeading(message);
        }
        else if (message is RaftMessage.Forward forward)
        {
            leadership.OnForward(forward);
        }
        else if (message is RaftMessage.ReadRequest read)
        {
            if (leadership.Reads.Add(read.From, read.Context) is { } failure)
            {
                _node.Send(new RaftMessage.ReadReply(Id, read.From, Term, read.Context, LogIndex.Zero, failure));
            }
        }
        else
        {
            leadership.OnMessage(message);
        }
    }
}
