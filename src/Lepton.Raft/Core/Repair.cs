using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// A node that lost entries which it had confirmed, or promises which it had made. Until it is whole it takes no part
/// in elections. It has each leader forget what it had confirmed, and counts as whole when it holds, durably, all that
/// the leader knew to be committed after that, an entry of the leader's own term included: whatever anybody committed
/// by counting on this node lies below. Where promises were lost, it first has to know a term that is no older than any
/// it may have voted in, before it confirms anything to anybody: the highest of all other voters' terms, since each
/// candidate enters its term itself. When its log is whole, it asks those too whom it then knows to vote.
/// </summary>
internal sealed class Repair(NodeState node, LogDamage? damage)
{
    private readonly List<NodeId> _awaited = [];
    private readonly List<NodeId> _heard = [];
    private bool _isLogDamaged = damage is not null;
    private bool _arePromisesLost = damage?.HardStateLost ?? false;
    private bool _isTermUnknown = damage?.HardStateLost ?? false;
    private Term _term;
    private long _requestedEpoch;
    private LogIndex? _wholeAt;

    /// <summary>Whether the node is not whole.</summary>
    public bool IsActive => _isLogDamaged || _arePromisesLost;

    /// <summary>
    /// Asks the leader, where need be, to send what is lost; its message is not to be dealt with then. All behind what
    /// is known to be committed is asked for: entries that a leader had replaced look as if they had never been, where
    /// those that took their place are what was lost.
    /// </summary>
    public bool Intercepts(NodeId leader, long epoch)
    {
        if (!_isLogDamaged)
        {
            return false;
        }

        if (_term != node.Term)
        {
            _term = node.Term;
            _requestedEpoch = epoch;
            _wholeAt = null;
        }

        if (epoch > _requestedEpoch)
        {
            return false;
        }

        node.Send(new RaftMessage.RepairRequest(node.Id, leader, node.Term, node.Log.Commit.Next, epoch));
        return true;
    }

    /// <summary>The log agrees with the leader's up to <paramref name="matched"/>.</summary>
    public void OnMatched(LogIndex matched, LogIndex leaderCommit)
    {
        if (_isLogDamaged && leaderCommit <= matched && node.Log.TermOf(leaderCommit) == node.Term)
        {
            _wholeAt ??= leaderCommit;
            OnDurable();
        }
    }

    public void OnDurable()
    {
        if (_isLogDamaged && _term == node.Term && _wholeAt <= node.Log.Tail.Durable)
        {
            _isLogDamaged = false;
        }
    }

    /// <summary>
    /// Whether the node may confirm anything to a leader. While it does not know a term that is no older than its lost
    /// promises, that could help one that it had promised to ignore.
    /// </summary>
    public bool MayFollow(NodeId leader)
    {
        if (!_isTermUnknown)
        {
            return true;
        }

        Await(leader);
        return false;
    }

    public void OnTermReport(RaftMessage.TermReport report)
    {
        if (_arePromisesLost && report.Session == node.Session && !_heard.Contains(report.From))
        {
            _heard.Add(report.From);
            foreach (NodeId voter in report.Voters)
            {
                Await(voter);
            }
        }
    }

    public void Tick()
    {
        if (!_arePromisesLost)
        {
            return;
        }

        ClusterMembership membership = node.Memberships.Current;
        foreach (NodeId voter in membership.Voters.Concat(membership.OutgoingVoters))
        {
            Await(voter);
        }

        NodeId[] unheard = [.. _awaited.Where(voter => !_heard.Contains(voter)).Order()];
        foreach (NodeId voter in unheard)
        {
            node.Send(new RaftMessage.TermProbe(node.Id, voter, node.Term, node.Session));
        }

        // A node that does not even know who votes has to be told first.
        if (unheard.Length == 0 && (_heard.Count > 0 || membership.Members.Count > 0))
        {
            LearnTerm();
            _arePromisesLost = _isLogDamaged;
        }
    }

    // The terms that were reported are this node's by now. It may have voted in the highest of them: a vote for itself
    // keeps it from doing so again.
    private void LearnTerm()
    {
        if (_isTermUnknown && node.Promises.Vote == NodeId.None)
        {
            node.Promises.VoteFor(node.Id);
        }

        _isTermUnknown = false;
    }

    private void Await(NodeId voter)
    {
        if (voter != node.Id && !_awaited.Contains(voter))
        {
            _awaited.Add(voter);
        }
    }
}
