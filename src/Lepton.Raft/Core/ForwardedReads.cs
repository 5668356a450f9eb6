using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// Reads on a node that does not lead. The leader is asked for one batch at a time; what comes meanwhile is the next
/// one. Each request has a context of its own, also when it repeats an earlier one, so a late answer to another
/// request, of another life of this node even, confirms nothing.
/// </summary>
internal sealed class ForwardedReads(NodeState node)
{
    private List<ulong> _waiting = [];
    private List<ulong> _asked = [];
    private ulong _sequence;
    private long _askedAt;

    private UInt128 Context => new(node.Session, _sequence);

    public ConsensusFailure? Add(ulong context)
    {
        if (node.Leader == NodeId.None)
        {
            return ConsensusFailure.NoLeader;
        }

        if (_waiting.Count + _asked.Count >= node.Options.PendingReadsMax)
        {
            return ConsensusFailure.Overloaded;
        }

        _waiting.Add(context);
        return null;
    }

    public void Tick()
    {
        if (_asked.Count > 0 && node.Now - _askedAt >= RetryTicks())
        {
            _asked.AddRange(_waiting);
            _waiting.Clear();
            Ask();
        }
    }

    public void Flush()
    {
        if (_asked.Count == 0 && _waiting.Count > 0)
        {
            (_asked, _waiting) = (_waiting, _asked);
            Ask();
        }
    }

    public void OnReply(RaftMessage.ReadReply reply)
    {
        if (_asked.Count == 0 || reply.Context != Context)
        {
            return;
        }

        foreach (ulong context in _asked)
        {
            if (reply.Failure is { } failure)
            {
                node.Outbox.Fail(new FailedRead(context, failure));
            }
            else
            {
                node.Outbox.Confirm(new ConfirmedRead(context, reply.Index));
            }
        }

        _asked.Clear();
    }

    public void LeaderLost()
    {
        foreach (ulong context in _asked.Concat(_waiting))
        {
            node.Outbox.Fail(new FailedRead(context, ConsensusFailure.LeaderChanged));
        }

        _asked.Clear();
        _waiting.Clear();
    }

    private int RetryTicks() => Math.Max(2, Math.Min(2 * node.Options.HeartbeatTicks, node.Options.ElectionTicks / 2));

    private void Ask()
    {
        _sequence++;
        _askedAt = node.Now;
        node.Send(new RaftMessage.ReadRequest(node.Id, node.Leader, node.Term, Context));
    }
}
