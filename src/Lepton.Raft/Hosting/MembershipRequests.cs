using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Hosting;

/// <summary>
/// Changes of the membership on their way: first the leader decides, then the change is done when a membership without
/// an outgoing half is committed at or behind the entry that the leader named. Either may be learned first.
/// </summary>
internal sealed class MembershipRequests
{
    private const ulong Mark = 1UL << 63;
    private readonly RequestTable<ClusterMembership> _undecided = new();
    private readonly List<(LogIndex From, NodeRequest<ClusterMembership> Request)> _decided = [];
    private LogIndex _lastIndex;
    private ClusterMembership _last = ClusterMembership.Empty;

    /// <summary>Whether a number was given out by <see cref="Add"/>.</summary>
    public static bool Owns(ulong id) => (id & Mark) != 0;

    public ulong Add(NodeRequest<ClusterMembership> request) => _undecided.Add(request) | Mark;

    public void Refuse(ulong id, ConsensusFailure failure) =>
        _undecided.Take(id & ~Mark)?.Fail(failure, FailureText.Of(failure));

    public void Decided(ProposalOutcome outcome)
    {
        if (outcome.Failure is { } failure)
        {
            Refuse(outcome.Id, failure);
        }
        else if (_undecided.Take(outcome.Id & ~Mark) is { } request)
        {
            _decided.Add((outcome.Index, request));
            Complete();
        }
    }

    public void Committed(LogIndex index, ClusterMembership membership)
    {
        if (!membership.IsJoint)
        {
            (_lastIndex, _last) = (index, membership);
            Complete();
        }
    }

    public void Expire(long nowTick, string message)
    {
        _undecided.Expire(nowTick, message);
        Fail(request => request.DeadlineTick <= nowTick, ConsensusFailure.Timeout, message);
    }

    public void LeadershipChanged((Term, NodeId) now, string message)
    {
        _undecided.FailWhere(request => request.Leadership != now, ConsensusFailure.LeaderChanged, message);
        Fail(request => request.Leadership != now, ConsensusFailure.LeaderChanged, message);
    }

    public void Stop(string reason)
    {
        _undecided.FailWhere(static _ => true, ConsensusFailure.Stopped, reason);
        Fail(static _ => true, ConsensusFailure.Stopped, reason);
    }

    private void Complete()
    {
        foreach ((LogIndex from, NodeRequest<ClusterMembership> request) in _decided.ToArray())
        {
            if (from <= _lastIndex)
            {
                _decided.Remove((from, request));
                request.Succeed(_last);
            }
        }
    }

    private void Fail(Func<NodeRequest<ClusterMembership>, bool> fails, ConsensusFailure failure, string message)
    {
        foreach ((LogIndex from, NodeRequest<ClusterMembership> request) in _decided.ToArray())
        {
            if (fails(request))
            {
                _decided.Remove((from, request));
                request.Fail(failure, message);
            }
        }
    }
}
