using Lepton.Raft.Membership;
using Lepton.Raft.Messages;
using Lepton.Raft.Quorum;

namespace Lepton.Raft.Core;

/// <summary>Who stands for election, who votes for whom, and what follows (Raft thesis §3.4, §9.6).</summary>
internal sealed class Elections(NodeState node)
{
    // A node that can't write makes a poor leader: it lets the others try this many times first.
    private const int DiskFullPatience = 3;

    // As long as a doubted leader is waited for: time enough for a pre-vote to come back.
    private const int InsistHeartbeats = 2;
    private readonly List<NodeId> _granted = [];
    private readonly List<NodeId> _refused = [];
    private bool _isTransfer;
    private int _passes;

    /// <summary>Time passed on a node that does not lead.</summary>
    public void Tick()
    {
        if (!node.IsElectionDue)
        {
            return;
        }

        if (!MayStand() || (node.IsDiskFull && ++_passes % DiskFullPatience != 0))
        {
            // It still has to notice that there is no leader, so that it grants a vote and refuses proposals.
            node.BecomeFollower(node.Term, NodeId.None);
            return;
        }

        Stand(isPreVote: true, isTransfer: false);
    }

    /// <summary>The leader wants this node to take over.</summary>
    public void OnTimeoutNow(RaftMessage.TimeoutNow message)
    {
        if (node.Role == RaftRole.Follower && message.From == node.Leader && MayStand() && !node.IsDiskFull)
        {
            Stand(isPreVote: false, isTransfer: true);
        }
    }

    public void OnVoteRequest(RaftMessage.VoteRequest request)
    {
        if (request.IsPreVote)
        {
            bool granted = request.Term > node.Term && MayVote() && IsUpToDate(request)
                && (request.IsTransfer || !node.IsLeaderAlive) && !InsistsAgainst(request);
            if (granted && node.Role == RaftRole.PreCandidate && !Precedes(request))
            {
                node.BecomeFollower(node.Term, NodeId.None);
            }

            node.Send(new RaftMessage.VoteReply(
                node.Id, request.From, granted ? request.Term : node.Term, IsPreVote: true, granted));
            return;
        }

        NodeId vote = node.Promises.Vote;
        bool free = vote == request.From || (vote == NodeId.None && node.Leader == NodeId.None);
        bool given = free && MayVote() && IsUpToDate(request);
        if (given)
        {
            if (vote == NodeId.None)
            {
                node.BecomeFollower(node.Term, NodeId.None);
                node.Promises.VoteFor(request.From);
            }

            node.ResetElectionTimer();
        }

        node.Send(new RaftMessage.VoteReply(node.Id, request.From, node.Term, IsPreVote: false, given));
    }

    public void OnVoteReply(RaftMessage.VoteReply reply)
    {
        bool counts = reply.IsPreVote
            ? node.Role == RaftRole.PreCandidate && (reply.Term == node.Term.Next || !reply.IsGranted)
            : node.Role == RaftRole.Candidate;
        if (counts && !_granted.Contains(reply.From) && !_refused.Contains(reply.From))
        {
            (reply.IsGranted ? _granted : _refused).Add(reply.From);
            Decide();
        }
    }

    // A learner stands for nothing, a damaged node may lack what was committed, and one that is about to be
    // replaced by a snapshot has nothing to offer.
    private bool MayStand() =>
        node.Memberships.MayLead(node.Id) && !node.Repair.IsActive && !node.Receiving.IsInstalling;

    // Not whether this node is a voter by its own log: that may be older than the candidate's, in which it is one.
    private bool MayVote() => !node.Repair.IsActive
        && !(node.Options.LeaseReads && node.Now < node.Options.ElectionTicks);

    /// <summary>
    /// Two that ask for pre-votes at once would get each other's, and then split the votes: a whole election timeout
    /// would pass. So one of them withdraws, and the other does not grant. Only for a while: where its own requests get
    /// lost, the other must have its turn. Pre-votes promise nothing, so who gives them when is a matter of time, not
    /// of safety.
    /// </summary>
    private bool InsistsAgainst(RaftMessage.VoteRequest request) =>
        node.Role == RaftRole.PreCandidate && Precedes(request)
        && node.Now - node.ElectionStart < InsistHeartbeats * node.Options.HeartbeatTicks;

    // Both sides come to the same answer: the longer log, then the lower id. An equal log is the usual case, and a
    // shorter one is refused before.
    private bool Precedes(RaftMessage.VoteRequest request) =>
        request.LastTerm == node.Log.LastTerm && request.LastIndex == node.Log.LastIndex && node.Id < request.From;

    private bool IsUpToDate(RaftMessage.VoteRequest request)
    {
        Term lastTerm = node.Log.LastTerm;
        return request.LastTerm > lastTerm
            || (request.LastTerm == lastTerm && request.LastIndex >= node.Log.LastIndex);
    }

    private void Stand(bool isPreVote, bool isTransfer)
    {
        node.BecomeCandidate(isPreVote);
        _isTransfer = isTransfer;
        _granted.Clear();
        _refused.Clear();
        _granted.Add(node.Id);
        ClusterMembership membership = node.Memberships.Current;
        foreach (NodeId voter in membership.Voters.Union(membership.OutgoingVoters).Order())
        {
            if (voter != node.Id)
            {
                node.Send(new RaftMessage.VoteRequest(
                    node.Id, voter, isPreVote ? node.Term.Next : node.Term, isPreVote, node.Log.LastIndex,
                    node.Log.LastTerm, isTransfer));
            }
        }

        Decide();
    }

    private void Decide()
    {
        ClusterMembership membership = node.Memberships.Current;
        switch (JointQuorum.Combine(Tally(membership.Voters), Tally(membership.OutgoingVoters)))
        {
            case VoteOutcome.Won when node.Role == RaftRole.PreCandidate:
                Stand(isPreVote: false, _isTransfer);
                break;
            case VoteOutcome.Won:
                _passes = 0;
                node.BecomeLeader();
                break;
            case VoteOutcome.Lost:
                node.BecomeFollower(node.Term, NodeId.None);
                break;
        }
    }

    private VoteOutcome Tally(IReadOnlyList<NodeId> voters) =>
        MajorityQuorum.Tally(voters.Count, voters.Count(_granted.Contains), voters.Count(_refused.Contains));
}
