using Lepton.Core;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>How a node takes the log from its leader (Raft paper §5.3).</summary>
internal sealed class FollowerRules(NodeState node)
{
    private LogIndex? _acknowledge;
    private NodeId _leader;
    private Term _term;
    private long _epoch;

    public void OnAppend(RaftMessage.Append append)
    {
        node.HearLeader();
        if (node.Repair.Intercepts(append.From, append.Epoch) || node.Receiving.IsInstalling)
        {
            return;
        }

        if (node.IsDiskFull)
        {
            Answer(append.From, round: 0);
            return;
        }

        if (node.Log.TermOf(append.PrevIndex) is { } term && term == append.PrevTerm)
        {
            Take(append);
        }
        else if (append.PrevIndex <= node.Log.Commit)
        {
            // What is committed agrees with every leader's log, whatever a late message asks.
            Acknowledge(node.Log.Commit, append.Epoch);
        }
        else
        {
            Reject(append);
        }
    }

    public void OnHeartbeat(RaftMessage.Heartbeat heartbeat)
    {
        node.HearLeader();
        if (node.Repair.Intercepts(heartbeat.From, heartbeat.Epoch))
        {
            Answer(heartbeat.From, heartbeat.Round);
            return;
        }

        // While a snapshot is put in the place of the log, nothing in it is committed any more by itself.
        if (!node.Receiving.IsInstalling)
        {
            node.CommitTo(heartbeat.Commit < node.Log.LastIndex ? heartbeat.Commit : node.Log.LastIndex);
        }

        Answer(heartbeat.From, heartbeat.Round);
    }

    /// <summary>A leader's message brings the node to follow it.</summary>
    public void Follow(NodeId leader)
    {
        // Two leaders of one term would break all that follows.
        Invariant.Check(node.Role != RaftRole.Leader);
        if (node.Role != RaftRole.Follower || node.Leader != leader)
        {
            node.BecomeFollower(node.Term, leader);
        }
    }

    /// <summary>Confirms, with the next answer, that the logs agree up to an index.</summary>
    public void Acknowledge(LogIndex index, long epoch)
    {
        bool goesOn = _term == node.Term && _epoch == epoch && _leader == node.Leader;
        _acknowledge = goesOn && _acknowledge > index ? _acknowledge : index;
        (_leader, _term, _epoch) = (node.Leader, node.Term, epoch);
    }

    /// <summary>Ends a turn: many messages of the leader's are answered by one.</summary>
    public void Flush()
    {
        // What was to be confirmed to another leader is not confirmed to this one.
        if (_acknowledge is { } index && _leader != NodeId.None && _leader == node.Leader && _term == node.Term)
        {
            node.SendWhenDurable(
                new RaftMessage.AppendReply(
                    node.Id, node.Leader, node.Term, index, IsRejected: false, LogIndex.Zero, Term.Zero, _epoch),
                index);
        }

        _acknowledge = null;
    }

    private void Take(RaftMessage.Append append)
    {
        int known = 0;
        while (known < append.Entries.Count
            && node.Log.TermOf(append.Entries[known].Index) is { } term && term == append.Entries[known].Term)
        {
            known++;
        }

        if (known < append.Entries.Count)
        {
            LogIndex first = append.Entries[known].Index;
            if (first <= node.Log.LastIndex)
            {
                node.Log.Truncate(first);
                node.Memberships.Truncate(first);
            }

            for (int i = known; i < append.Entries.Count; i++)
            {
                node.Append(append.Entries[i]);
            }
        }

        LogIndex matched = append.PrevIndex + append.Entries.Count;
        node.CommitTo(append.Commit < matched ? append.Commit : matched);
        node.Repair.OnMatched(matched, append.Commit);
        if (!append.IsNotice)
        {
            Acknowledge(matched, append.Epoch);
        }
    }

    // The hint is the furthest place where the logs may agree: entries of a term above the leader's own at that place
    // can't be the leader's, so a whole term is passed over in one exchange (Raft paper §5.3, end).
    private void Reject(RaftMessage.Append append)
    {
        LogIndex hint = append.PrevIndex.Previous < node.Log.LastIndex ? append.PrevIndex.Previous : node.Log.LastIndex;
        Term? term = node.Log.TermOf(hint);
        while (term > append.PrevTerm && hint > node.Log.Commit)
        {
            hint = hint.Previous;
            term = node.Log.TermOf(hint);
        }

        node.Send(new RaftMessage.AppendReply(
            node.Id, append.From, node.Term, append.PrevIndex, IsRejected: true, hint, term ?? Term.Zero,
            append.Epoch));
    }

    private void Answer(NodeId leader, long round) =>
        node.Send(new RaftMessage.HeartbeatReply(node.Id, leader, node.Term, round, node.IsDiskFull));
}
