using Lepton.Raft.Log;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// A node that lost entries which it had confirmed, or promises which it had made. Until it is whole it takes no part in
/// elections. It has each leader forget what it had confirmed, and counts as whole when it holds, durably, all that the
/// leader knew to be committed after that, an entry of the leader's own term included: whatever anybody committed by
/// counting on this node lies below. Where promises were lost, it also has to know a term that is no older than any it
/// may have voted in: the highest of the other voters' terms, since each candidate enters its term itself.
/// </summary>
internal sealed class Repair(NodeState node, LogDamage? damage)
{
    private readonly List<NodeId> _heard = [];
    private bool _isLogDamaged = damage is not null;
    private bool _arePromisesLost = damage?.HardStateLost ?? false;
    private Term _term;
    private long _requestedEpoch;
    private LogIndex? _wholeAt;

    /// <summary>Whether the node is not whole.</summary>
    public bool IsActive => _isLogDamaged || _arePromisesLost;

    /// <summary>Asks the leader, where need be, to send what is lost; its message is not to be dealt with then.</summary>
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

        node.Send(new RaftMessage.RepairRequest(node.Id, leader, node.Term, node.Log.LastIndex.Next, epoch));
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

    public void OnTermReport(RaftMessage.TermReport report)
    {
        if (report.Session == node.Session && !_heard.Contains(report.From))
        {
            _heard.Add(report.From);
        }
    }

    public void Tick()
    {
        if (!_arePromisesLost)
        {
            return;
        }

        ClusterMembership membership = node.Memberships.Current;
        NodeId[] unheard = [.. membership.Voters.Union(membership.OutgoingVoters)
            .Where(voter => voter != node.Id && !_heard.Contains(voter)).Order()];
        if (unheard.Length > 0)
        {
            foreach (NodeId voter in unheard)
            {
                node.Send(new RaftMessage.TermProbe(node.Id, voter, node.Term, node.Session));
            }
        }
        else if (!_isLogDamaged)
        {
            // It may have voted in this very term: a vote for itself keeps it from doing so again.
            if (node.Promises.Vote == NodeId.None)
            {
                node.Promises.VoteFor(node.Id);
            }

            _arePromisesLost = false;
        }
    }
}
