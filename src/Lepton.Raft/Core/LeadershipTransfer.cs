using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// Hands leadership over (Raft thesis §3.10): no proposals meanwhile, the successor catches up, then stands.
/// </summary>
internal sealed class LeadershipTransfer(NodeState node)
{
    private long _since;

    /// <summary>The one to take over, or nobody.</summary>
    public NodeId Target { get; private set; }

    /// <summary>Whether anybody was told to take over in this term.</summary>
    public bool HasToldAnyone { get; private set; }

    public bool IsOverdue => Target != NodeId.None && node.Now - _since >= node.Options.ElectionTicks;

    public void Start(NodeId target)
    {
        Target = target;
        _since = node.Now;
    }

    public void GiveUp() => Target = NodeId.None;

    /// <summary>
    /// Tells the successor, as soon as it has the whole log; again with each heartbeat, should it not hear.
    /// </summary>
    public void Tell(ReplicationProgress? successor)
    {
        if (successor is not null && successor.Match == node.Log.LastIndex)
        {
            HasToldAnyone = true;
            node.Send(new RaftMessage.TimeoutNow(node.Id, successor.Id, node.Term));
        }
    }
}
