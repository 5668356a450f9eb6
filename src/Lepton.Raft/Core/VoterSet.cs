using Lepton.Raft.Membership;
using Lepton.Raft.Quorum;

namespace Lepton.Raft.Core;

/// <summary>
/// A leader's voters, both sets of them, with what it knows of each; asked for each answer that comes.
/// </summary>
internal sealed class VoterSet
{
    private readonly ReplicationProgress[] _incoming;
    private readonly ReplicationProgress[] _outgoing;
    private readonly LogIndex[] _incomingReached;
    private readonly LogIndex[] _outgoingReached;

    public VoterSet(ClusterMembership membership, Func<NodeId, ReplicationProgress> find)
    {
        _incoming = [.. membership.Voters.Select(find)];
        _outgoing = [.. membership.OutgoingVoters.Select(find)];
        _incomingReached = new LogIndex[_incoming.Length];
        _outgoingReached = new LogIndex[_outgoing.Length];
        All = [.. _incoming.Union(_outgoing).OrderBy(voter => voter.Id)];
    }

    /// <summary>The voters of both sets, ascending.</summary>
    public IReadOnlyList<ReplicationProgress> All { get; }

    public LogIndex CommittedIndex()
    {
        for (int i = 0; i < _incoming.Length; i++)
        {
            _incomingReached[i] = _incoming[i].Match;
        }

        for (int i = 0; i < _outgoing.Length; i++)
        {
            _outgoingReached[i] = _outgoing[i].Match;
        }

        return JointQuorum.CommittedIndex(_incomingReached, _outgoingReached);
    }

    /// <summary>Whether a quorum of each set has what is asked for.</summary>
    public bool IsQuorum(Func<ReplicationProgress, bool> has) =>
        JointQuorum.Combine(Tally(_incoming, has), Tally(_outgoing, has)) == VoteOutcome.Won;

    private static VoteOutcome Tally(ReplicationProgress[] voters, Func<ReplicationProgress, bool> has)
    {
        int granted = 0;
        foreach (ReplicationProgress voter in voters)
        {
            granted += has(voter) ? 1 : 0;
        }

        return MajorityQuorum.Tally(voters.Length, granted, refused: 0);
    }
}
