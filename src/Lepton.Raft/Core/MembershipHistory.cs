using Lepton.Core;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Core;

/// <summary>
/// The memberships of the log that may still matter: the committed one and those behind it. The last one is in force,
/// committed or not; where its entry is truncated, the one before it is again.
/// </summary>
internal sealed class MembershipHistory
{
    private readonly List<(LogIndex Index, ClusterMembership Membership)> _list = [];

    public MembershipHistory(LogIndex index, ClusterMembership membership) => _list.Add((index, membership));

    /// <summary>The membership in force.</summary>
    public ClusterMembership Current => _list[^1].Membership;

    /// <summary>Where it stands in the log.</summary>
    public LogIndex CurrentIndex => _list[^1].Index;

    public void Append(LogIndex index, ClusterMembership membership)
    {
        Invariant.Check(index > CurrentIndex);
        _list.Add((index, membership));
    }

    /// <summary>Goes back to what was in force before an index.</summary>
    public void Truncate(LogIndex from)
    {
        while (CurrentIndex >= from)
        {
            Invariant.Check(_list.Count > 1);
            _list.RemoveAt(_list.Count - 1);
        }
    }

    /// <summary>Forgets what came before the latest committed one.</summary>
    public void Compact(LogIndex commit)
    {
        while (_list.Count > 1 && _list[1].Index <= commit)
        {
            _list.RemoveAt(0);
        }
    }

    public void Restart(LogIndex snapshot, ClusterMembership membership)
    {
        _list.Clear();
        _list.Add((snapshot, membership));
    }

    /// <summary>
    /// Whether a node may stand for election: it votes in the committed membership or in a later one. One that is being
    /// removed by an entry that may never be committed must, where it alone holds that entry.
    /// </summary>
    public bool MayLead(NodeId id)
    {
        foreach ((_, ClusterMembership membership) in _list)
        {
            if (membership.Voters.Contains(id) || membership.OutgoingVoters.Contains(id))
            {
                return true;
            }
        }

        return false;
    }
}
