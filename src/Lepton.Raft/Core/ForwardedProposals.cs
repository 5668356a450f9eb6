using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Core;

/// <summary>
/// Proposals on a node that does not lead: gathered for a turn and sent to the leader. How many may be under way is the
/// host's to bound: it alone learns what becomes of those that the leader accepts.
/// </summary>
internal sealed class ForwardedProposals(NodeState node)
{
    private List<ForwardedProposal> _gathered = [];
    private long _bytes;
    private long _sequence;

    public ConsensusFailure? Add(ulong id, ReadOnlyMemory<byte> command) =>
        Add(new ForwardedProposal(id, EntryKind.Command, command));

    public ConsensusFailure? Add(ulong id, MembershipChange change) =>
        Add(new ForwardedProposal(id, EntryKind.Membership, MembershipChangeCodec.Encode(change)));

    public void Flush()
    {
        if (_gathered.Count > 0)
        {
            node.Send(new RaftMessage.Forward(
                node.Id, node.Leader, node.Term, node.Session, ++_sequence, _gathered));
            _gathered = [];
            _bytes = 0;
        }
    }

    public void OnReply(RaftMessage.ForwardReply reply)
    {
        if (reply.Session == node.Session)
        {
            foreach (ProposalOutcome outcome in reply.Outcomes)
            {
                node.Outbox.Tell(outcome);
            }
        }
    }

    public void LeaderLost()
    {
        foreach (ForwardedProposal proposal in _gathered)
        {
            node.Outbox.Tell(new ProposalOutcome(
                proposal.Id, ConsensusFailure.NoLeader, node.Term, LogIndex.Zero));
        }

        _gathered.Clear();
        _bytes = 0;
    }

    private ConsensusFailure? Add(ForwardedProposal proposal)
    {
        // The leader could take it, but this node could not apply it, and so never answer.
        if (node.IsDiskFull)
        {
            return ConsensusFailure.MemberDiskFull;
        }

        if (node.Leader == NodeId.None)
        {
            return ConsensusFailure.NoLeader;
        }

        _gathered.Add(proposal);
        _bytes += proposal.Data.Length;
        if (_bytes >= node.Options.AppendBytesMax)
        {
            Flush();
        }

        return null;
    }
}
