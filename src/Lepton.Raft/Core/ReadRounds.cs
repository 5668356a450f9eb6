using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// A leader's reads (Raft thesis §6.4). All that wait share one round: the leader asks everybody whether it still
/// leads, at once and not with the next heartbeat; when a quorum has answered, what was committed at the start of the
/// round may be read. The next round starts as soon as one has ended. Rounds are numbered over all terms, so an answer
/// to one never confirms another.
/// </summary>
internal sealed class ReadRounds(NodeState node, Leadership leadership)
{
    private List<(NodeId Reader, UInt128 Context)> _waiting = [];
    private List<(NodeId Reader, UInt128 Context)> _asked = [];
    private LogIndex _index;
    private long _round;
    private long _startedAt;
    private long _leaseUntil;

    /// <summary>Whether a round waits for answers.</summary>
    public bool IsAsking { get; private set; }

    public ConsensusFailure? Add(NodeId reader, UInt128 context)
    {
        if (_waiting.Count + _asked.Count >= node.Options.PendingReadsMax)
        {
            return ConsensusFailure.Overloaded;
        }

        _waiting.Add((reader, context));
        return null;
    }

    /// <summary>Starts a round where one is wanted and none is under way.</summary>
    public void Flush()
    {
        // Before it has committed an entry of its own term, a leader does not know what is committed.
        if (IsAsking || _waiting.Count == 0 || !leadership.HasCommittedInTerm)
        {
            return;
        }

        if (HasLease)
        {
            Answer(_waiting, node.Log.Commit);
        }
        else
        {
            Start();
        }
    }

    /// <summary>Keeps the lease, if reads by lease are wanted, by a round with each heartbeat.</summary>
    public void Renew()
    {
        if (node.Options.LeaseReads && !IsAsking && leadership.HasCommittedInTerm)
        {
            Start();
        }
    }

    /// <summary>A voter answered a round.</summary>
    public void OnAnswer()
    {
        if (IsAsking && leadership.Voters.IsQuorum(voter => voter.RoundAnswered >= _round))
        {
            IsAsking = false;
            _leaseUntil = _startedAt + node.Options.ElectionTicks - node.Options.LeaseDriftTicks;
            Answer(_asked, _index);
        }
    }

    public void End()
    {
        foreach ((NodeId reader, UInt128 context) in _asked.Concat(_waiting))
        {
            Fail(reader, context);
        }
    }

    // Whoever was told to take over may be elected at once: the lease is good for nothing in this term then.
    private bool HasLease =>
        node.Options.LeaseReads && node.Now < _leaseUntil && !leadership.Transfer.HasToldAnyone;

    private void Start()
    {
        (_asked, _waiting) = (_waiting, _asked);
        IsAsking = true;
        _index = node.Log.Commit;
        _startedAt = node.Now;
        _round = ++node.LastRound;
        leadership.Self.RoundAnswered = _round;
        OnAnswer();
        if (IsAsking)
        {
            leadership.Broadcast();
        }
    }

    private void Answer(List<(NodeId Reader, UInt128 Context)> reads, LogIndex index)
    {
        foreach ((NodeId reader, UInt128 context) in reads)
        {
            if (reader == node.Id)
            {
                node.Outbox.Confirm(new ConfirmedRead((ulong)context, index));
            }
            else
            {
                node.Send(new RaftMessage.ReadReply(node.Id, reader, node.Term, context, index, Failure: null));
            }
        }

        reads.Clear();
    }

    private void Fail(NodeId reader, UInt128 context)
    {
        if (reader == node.Id)
        {
            node.Outbox.Fail(new FailedRead((ulong)context, ConsensusFailure.LeaderChanged));
        }
        else
        {
            node.Send(new RaftMessage.ReadReply(
                node.Id, reader, node.Term, context, LogIndex.Zero, ConsensusFailure.LeaderChanged));
        }
    }
}
