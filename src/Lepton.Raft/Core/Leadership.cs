using Lepton.Core;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Raft.Quorum;

namespace Lepton.Raft.Core;

/// <summary>What a node does and knows as the leader of one term; made at its election, gone with it.</summary>
internal sealed class Leadership
{
    // What an entry without data costs, for the bound on what is not committed.
    private const int EntryOverheadBytes = 32;
    private readonly NodeState _node;
    private readonly List<ReplicationProgress> _peers = [];

    // For the whole term, also of those that were removed meanwhile and forgotten: where one comes back under its old
    // number, a copy of what it once sent may still be on its way.
    private readonly Dictionary<(NodeId From, ulong Session), ForwardWindow> _forwards = [];
    private readonly LogIndex _firstIndex;
    private readonly Replication _replication;
    private long _uncommittedBytes;
    private long _heartbeatAt;
    private long _quorumCheckedAt;

    public Leadership(NodeState node)
    {
        _node = node;
        _firstIndex = node.Log.LastIndex.Next;
        _heartbeatAt = node.Now;
        _quorumCheckedAt = node.Now;
        _replication = new Replication(node);
        Transfer = new LeadershipTransfer(node);
        Reads = new ReadRounds(node, this);
        Self = new ReplicationProgress(node.Id, _firstIndex, node.Options);
        Voters = Regroup();

        // Commits what earlier terms left behind (Raft thesis §6.4); nothing may be read before that.
        Append(EntryKind.NoOp, default, membership: null);
        OnDurable();
    }

    public ReplicationProgress Self { get; }

    /// <summary>Whether so many voters' disks are full that nothing can be committed.</summary>
    public bool LacksRoom => !Voters.IsQuorum(HasRoom);

    public VoterSet Voters { get; private set; }

    public ReadRounds Reads { get; }

    public LeadershipTransfer Transfer { get; }

    public bool HasCommittedInTerm => _node.Log.Commit >= _firstIndex;

    public ReplicationProgress? Find(NodeId id)
    {
        foreach (ReplicationProgress peer in _peers)
        {
            if (peer.Id == id)
            {
                return peer;
            }
        }

        return null;
    }

    public ConsensusFailure? Propose(ReadOnlyMemory<byte> command)
    {
        if (RefusesProposals() is { } failure)
        {
            return failure;
        }

        if (_uncommittedBytes > 0 && _uncommittedBytes + command.Length > _node.Options.UncommittedBytesMax)
        {
            return ConsensusFailure.Overloaded;
        }

        Append(EntryKind.Command, command, membership: null);
        return null;
    }

    public ProposalOutcome ChangeMembership(ulong id, MembershipChange change)
    {
        ConsensusFailure? failure = RefusesProposals();
        MembershipPlan plan = default;
        if (failure is null)
        {
            // A leader that has committed nothing yet may hold a membership that never will be (trap of Raft's first
            // single-server changes); and one change at a time.
            bool isPending = !HasCommittedInTerm || _node.Memberships.CurrentIndex > _node.Log.Commit;
            plan = MembershipChanger.Plan(_node.Memberships.Current, change);
            failure = isPending || plan.Refusal == MembershipRefusal.ChangePending
                    ? ConsensusFailure.MembershipChangePending
                : plan.Refusal is { } refusal ? FailureOf(refusal)
                : change is MembershipChange.Promote promote && !IsReady(promote.Id) ? ConsensusFailure.LearnerNotReady
                : EndangersQuorum(plan.Next!) ? ConsensusFailure.ClusterUnhealthy
                : null;
        }

        if (failure is not null)
        {
            return new ProposalOutcome(id, failure, _node.Term, LogIndex.Zero);
        }

        Append(plan.Next!);
        return new ProposalOutcome(id, null, _node.Term, _node.Log.LastIndex);
    }

    public ConsensusFailure? HandOver(NodeId successor)
    {
        ClusterMembership membership = _node.Memberships.Current;
        if (!membership.Voters.Contains(successor) && !membership.OutgoingVoters.Contains(successor))
        {
            return ConsensusFailure.MembershipChangeInvalid;
        }

        if (successor != _node.Id && Transfer.Target != successor)
        {
            Transfer.Start(successor);
            Transfer.Tell(Find(successor));
        }

        return null;
    }

    public void Tick()
    {
        if (_node.Now - _quorumCheckedAt >= _node.Options.ElectionTicks && !CheckQuorum())
        {
            return;
        }

        if (Transfer.IsOverdue)
        {
            Transfer.GiveUp();
            if (_node.IsDiskFull)
            {
                _node.BecomeFollower(_node.Term, NodeId.None);
                return;
            }
        }

        if (_node.Now - _heartbeatAt >= _node.Options.HeartbeatTicks)
        {
            _heartbeatAt = _node.Now;
            Reads.Renew();
            Broadcast();
            Transfer.Tell(Find(Transfer.Target));
        }

        foreach (ReplicationProgress peer in _peers)
        {
            _replication.Tick(peer);
        }

        _peers.RemoveAll(peer => peer.ForgottenAt <= _node.Now);
        LeaveToOneWithRoom();
    }

    /// <summary>Shows everybody that the leader is there, and asks for the latest round of confirmation.</summary>
    public void Broadcast()
    {
        foreach (ReplicationProgress peer in _peers)
        {
            _replication.SendHeartbeat(peer);
        }
    }

    public void OnMessage(RaftMessage message)
    {
        if (Find(message.From) is not { } peer || peer == Self)
        {
            return;
        }

        switch (message)
        {
            case RaftMessage.AppendReply reply:
                peer.Heard(_node.Now);
                if (_replication.OnReply(peer, reply))
                {
                    Advance();
                    if (peer.Id == Transfer.Target)
                    {
                        Transfer.Tell(peer);
                    }
                }

                break;
            case RaftMessage.HeartbeatReply reply:
                peer.Heard(_node.Now);
                peer.IsDiskFull = reply.IsDiskFull;
                peer.RoundAnswered = Math.Max(peer.RoundAnswered, reply.Round);
                _replication.OnHeartbeatReply(peer);
                Reads.OnAnswer();
                break;
            case RaftMessage.RepairRequest request when request.Epoch == peer.Epoch:
                peer.Forget(request.FromIndex);
                break;
            case RaftMessage.SnapshotChunkReply reply:
                _replication.Snapshots.OnReply(peer, reply);
                break;
        }
    }

    public void OnForward(RaftMessage.Forward forward)
    {
        if (Find(forward.From) is null || !IsNew(forward))
        {
            return;
        }

        List<ProposalOutcome> outcomes = [];
        foreach (ForwardedProposal proposal in forward.Proposals)
        {
            if (proposal.Kind == EntryKind.Membership)
            {
                outcomes.Add(ChangeMembership(proposal.Id, MembershipChangeCodec.Decode(proposal.Data)));
            }
            else if (Propose(proposal.Data) is { } failure)
            {
                outcomes.Add(new ProposalOutcome(proposal.Id, failure, _node.Term, LogIndex.Zero));
            }
        }

        if (outcomes.Count > 0)
        {
            _node.Send(new RaftMessage.ForwardReply(
                _node.Id, forward.From, _node.Term, forward.Session, outcomes));
        }
    }

    public void OnUnreachable(NodeId id)
    {
        if (Find(id) is { } peer)
        {
            peer.NotHeard();
            if (peer.State == ReplicationState.Replicate)
            {
                peer.Probe();
            }
        }
    }

    public void OnChunkRead(SnapshotRead request, ReadOnlyMemory<byte>? data)
    {
        if (Find(request.Follower) is { } peer)
        {
            _replication.Snapshots.OnRead(peer, request, data);
        }
    }

    /// <summary>More of the leader's own log is durable.</summary>
    public void OnDurable()
    {
        if (Self.Confirm(_node.Log.Tail.Durable))
        {
            Advance();
        }
    }

    /// <summary>Ends a turn: sends what there is to send, and steps down where the cluster goes on without this node.
    /// </summary>
    public void Flush()
    {
        Reads.Flush();
        foreach (ReplicationProgress peer in _peers)
        {
            if (peer != Self)
            {
                _replication.Send(peer);
            }
        }

        ClusterMembership membership = _node.Memberships.Current;
        if (!membership.IsJoint && _node.Memberships.CurrentIndex <= _node.Log.Commit
            && !membership.Voters.Contains(_node.Id))
        {
            // Removed, and the others know it: one of them takes over at once rather than after a silence.
            if (Successor() is { } successor)
            {
                Transfer.Tell(successor);
            }

            _node.BecomeFollower(_node.Term, NodeId.None);
        }
    }

    /// <summary>The term is over for this leader.</summary>
    public void End() => Reads.End();

    private static ConsensusFailure FailureOf(MembershipRefusal refusal) => refusal switch
    {
        MembershipRefusal.IdMissing => ConsensusFailure.MemberIdMissing,
        MembershipRefusal.MemberExists => ConsensusFailure.MemberExists,
        MembershipRefusal.PeerUrlTaken => ConsensusFailure.PeerUrlTaken,
        MembershipRefusal.MemberUnknown => ConsensusFailure.MemberUnknown,
        MembershipRefusal.NotLearner => ConsensusFailure.MemberNotLearner,
        MembershipRefusal.LastVoter => ConsensusFailure.LastVoter,
        MembershipRefusal.ChangePending => ConsensusFailure.MembershipChangePending,
        _ => throw new ArgumentOutOfRangeException(nameof(refusal), refusal, "This kind of refusal is not known."),
    };

    private bool IsNew(RaftMessage.Forward forward)
    {
        if (!_forwards.TryGetValue((forward.From, forward.Session), out ForwardWindow? window))
        {
            window = new ForwardWindow();
            _forwards.Add((forward.From, forward.Session), window);
        }

        return window.TryTake(forward.Sequence);
    }

    private ConsensusFailure? RefusesProposals() =>
        LacksRoom ? ConsensusFailure.DiskFull
        : _node.IsDiskFull ? ConsensusFailure.MemberDiskFull
        : Transfer.Target != NodeId.None ? ConsensusFailure.NoLeader
        : null;

    private bool HasRoom(ReplicationProgress voter) => voter == Self ? !_node.IsDiskFull : !voter.IsDiskFull;

    private void Append(ClusterMembership membership)
    {
        Append(EntryKind.Membership, MembershipCodec.Encode(membership), membership);
        Voters = Regroup();
    }

    private void Append(EntryKind kind, ReadOnlyMemory<byte> data, ClusterMembership? membership)
    {
        _node.Append(new LogEntry(_node.Term, _node.Log.LastIndex.Next, kind, data), membership);
        _uncommittedBytes += data.Length + EntryOverheadBytes;
    }

    private void Advance()
    {
        LogIndex committed = Voters.CommittedIndex();
        LogIndex before = _node.Log.Commit;
        // Only an entry of the leader's own term is committed by counting (Raft paper §5.4.2).
        if (committed <= before || _node.Log.TermOf(committed) != _node.Term)
        {
            return;
        }

        for (LogIndex index = before < _firstIndex ? _firstIndex : before.Next; index <= committed; index = index.Next)
        {
            _uncommittedBytes -= _node.Log.Tail[index].Data.Length + EntryOverheadBytes;
        }

        _node.CommitTo(committed);

        // A joint membership is left once it is committed itself, not when it is merely found in the log.
        if (_node.Memberships.Current.IsJoint && _node.Memberships.CurrentIndex <= committed)
        {
            Append(MembershipChanger.Leave(_node.Memberships.Current));
        }
    }

    private VoterSet Regroup()
    {
        ClusterMembership membership = _node.Memberships.Current;
        foreach (Member member in membership.Members)
        {
            if (Find(member.Id) is { } known)
            {
                known.ForgottenAt = null;
            }
            else
            {
                _peers.Add(member.Id == _node.Id
                    ? Self : new ReplicationProgress(member.Id, _node.Log.LastIndex.Next, _node.Options));
            }
        }

        // Whoever was removed still hears of it, for a while, so that it does not stand for election in vain.
        foreach (ReplicationProgress peer in _peers)
        {
            if (!membership.Members.Any(member => member.Id == peer.Id))
            {
                peer.ForgottenAt ??= _node.Now + (2 * _node.Options.ElectionTicks);
            }
        }

        _peers.Sort((left, right) => left.Id.CompareTo(right.Id));
        return new VoterSet(membership, id => Find(id)!);
    }

    private bool CheckQuorum()
    {
        _quorumCheckedAt = _node.Now;
        Self.IsActive = true;
        if (!Voters.IsQuorum(voter => voter.IsActive))
        {
            _node.BecomeFollower(_node.Term, NodeId.None);
            return false;
        }

        foreach (ReplicationProgress peer in _peers)
        {
            peer.IsActive = false;
        }

        return true;
    }

    private bool IsReady(NodeId learner) => Find(learner) is { State: ReplicationState.Replicate } peer
        && _node.Log.LastIndex - peer.Match <= _node.Options.PromotionLagMax;

    /// <summary>
    /// Whether other voters would decide, and so few of them answer that they could not: the change itself would never
    /// be committed, and nothing after it (etcd's strict reconfiguration check).
    /// </summary>
    private bool EndangersQuorum(ClusterMembership next) => _node.Options.StrictReconfiguration && next.IsJoint
        && MajorityQuorum.Tally(next.Voters.Count, next.Voters.Count(AnswersNow), refused: 0) != VoteOutcome.Won;

    private bool AnswersNow(NodeId voter) => voter == _node.Id
        || (Find(voter)?.HeardAt is { } heardAt && _node.Now - heardAt <= _node.Options.ElectionTicks);

    private void LeaveToOneWithRoom()
    {
        if (_node.IsDiskFull && Transfer.Target == NodeId.None && Successor() is { } successor)
        {
            HandOver(successor.Id);
        }
    }

    /// <summary>The voter that is closest behind, can write, and answers.</summary>
    private ReplicationProgress? Successor()
    {
        ReplicationProgress? best = null;
        foreach (ReplicationProgress voter in Voters.All)
        {
            if (voter != Self && !voter.IsDiskFull && voter.State == ReplicationState.Replicate
                && (best is null || voter.Match > best.Match))
            {
                best = voter;
            }
        }

        return best;
    }
}
