// The sender, the receiver and the term are told of once, at the base.
#pragma warning disable CS1573

namespace Lepton.Raft.Messages;

/// <summary>
/// What one node's core sends to another's. Immutable. Any message may be lost, doubled, delayed or overtaken.
/// </summary>
/// <param name="From">The sender.</param>
/// <param name="To">The receiver; a core ignores what is meant for another.</param>
/// <param name="Term">The sender's term; in a request for a pre-vote and in its approval, the term it would
/// have.</param>
public abstract record RaftMessage(NodeId From, NodeId To, Term Term)
{
    /// <summary>Asks for a vote, or whether one would be given (pre-vote, Raft thesis §9.6).</summary>
    /// <param name="IsPreVote">Whether this only asks; nobody changes anything for it.</param>
    /// <param name="LastIndex">The last entry of the candidate.</param>
    /// <param name="LastTerm">That entry's term.</param>
    /// <param name="IsTransfer">The leader wants this election, so contact with it is no reason to refuse.</param>
    public sealed record VoteRequest(
        NodeId From, NodeId To, Term Term, bool IsPreVote, LogIndex LastIndex, Term LastTerm, bool IsTransfer)
        : RaftMessage(From, To, Term);

    /// <summary>Answers a <see cref="VoteRequest"/>.</summary>
    public sealed record VoteReply(NodeId From, NodeId To, Term Term, bool IsPreVote, bool IsGranted)
        : RaftMessage(From, To, Term);

    /// <summary>Entries of the leader's log, or none, which tells what is committed.</summary>
    /// <param name="PrevIndex">The entry before the first one.</param>
    /// <param name="PrevTerm">Its term.</param>
    /// <param name="Entries">The entries, without a gap.</param>
    /// <param name="Commit">What the leader knows to be committed.</param>
    /// <param name="Epoch">How often the leader has forgotten, in this term, what the follower once confirmed.</param>
    /// <param name="IsNotice">It only tells what is committed: an answer is needed only where it is rejected.</param>
    public sealed record Append(
        NodeId From, NodeId To, Term Term, LogIndex PrevIndex, Term PrevTerm, IReadOnlyList<LogEntry> Entries,
        LogIndex Commit, long Epoch, bool IsNotice)
        : RaftMessage(From, To, Term);

    /// <summary>Answers an <see cref="Append"/>.</summary>
    /// <param name="Index">Up to where the logs agree, durably; where rejected, the previous index that was
    /// asked.</param>
    /// <param name="IsRejected">The follower's log does not hold the entry before.</param>
    /// <param name="HintIndex">Where rejected: the logs can't agree beyond this index ...</param>
    /// <param name="HintTerm">... where the follower's entry has this term.</param>
    /// <param name="Epoch">The epoch of the <see cref="Append"/>.</param>
    public sealed record AppendReply(
        NodeId From, NodeId To, Term Term, LogIndex Index, bool IsRejected, LogIndex HintIndex, Term HintTerm,
        long Epoch)
        : RaftMessage(From, To, Term);

    /// <summary>A follower has lost entries that it had confirmed, and wants them again.</summary>
    /// <param name="FromIndex">The first that it may lack: all before it are known to be committed.</param>
    /// <param name="Epoch">The epoch of the message that this answers: a late copy of the request does nothing.</param>
    public sealed record RepairRequest(NodeId From, NodeId To, Term Term, LogIndex FromIndex, long Epoch)
        : RaftMessage(From, To, Term);

    /// <summary>The leader is there; asks whether the receiver still follows it.</summary>
    /// <param name="Commit">What is committed, of what the follower has confirmed.</param>
    /// <param name="Round">The latest round of confirmation; never the same twice in a term.</param>
    /// <param name="Epoch">As in <see cref="Append"/>.</param>
    public sealed record Heartbeat(NodeId From, NodeId To, Term Term, LogIndex Commit, long Round, long Epoch)
        : RaftMessage(From, To, Term);

    /// <summary>
    /// Answers a <see cref="Heartbeat"/>, or tells the leader of an older term that its time is over.
    /// </summary>
    /// <param name="Round">The round that was asked for.</param>
    /// <param name="IsDiskFull">The follower can't take entries at present.</param>
    public sealed record HeartbeatReply(NodeId From, NodeId To, Term Term, long Round, bool IsDiskFull)
        : RaftMessage(From, To, Term);

    /// <summary>Asks the leader for an index at which a read is linearizable.</summary>
    /// <param name="Context">Names the request; the sender never uses it again, not after a restart either.</param>
    public sealed record ReadRequest(NodeId From, NodeId To, Term Term, UInt128 Context) : RaftMessage(From, To, Term);

    /// <summary>Answers a <see cref="ReadRequest"/>.</summary>
    /// <param name="Context">The request's.</param>
    /// <param name="Index">The index that the reader's state must have reached.</param>
    /// <param name="Failure">Why there is none; null where there is.</param>
    public sealed record ReadReply(
        NodeId From, NodeId To, Term Term, UInt128 Context, LogIndex Index, ConsensusFailure? Failure)
        : RaftMessage(From, To, Term);

    /// <summary>Proposals of a follower's, for the leader.</summary>
    /// <param name="Session">Differs at each start of the sender.</param>
    /// <param name="Sequence">Counts the messages of this kind, so that a doubled one is not proposed twice.</param>
    /// <param name="Proposals">The proposals, in order.</param>
    public sealed record Forward(
        NodeId From, NodeId To, Term Term, ulong Session, long Sequence, IReadOnlyList<ForwardedProposal> Proposals)
        : RaftMessage(From, To, Term);

    /// <summary>What became of forwarded proposals: of all that were refused, and of changes of membership.</summary>
    public sealed record ForwardReply(
        NodeId From, NodeId To, Term Term, ulong Session, IReadOnlyList<ProposalOutcome> Outcomes)
        : RaftMessage(From, To, Term);

    /// <summary>The leader wants the receiver to take over: it is to campaign at once (Raft thesis §3.10).</summary>
    public sealed record TimeoutNow(NodeId From, NodeId To, Term Term) : RaftMessage(From, To, Term);

    /// <summary>A piece of the leader's snapshot; without data, it asks how much the follower has already.</summary>
    /// <param name="Meta">The snapshot.</param>
    /// <param name="Offset">Where the piece begins, in bytes.</param>
    /// <param name="Data">The bytes.</param>
    /// <param name="IsDone">Whether it is the last one.</param>
    /// <param name="Epoch">As in <see cref="Append"/>.</param>
    public sealed record SnapshotChunk(
        NodeId From, NodeId To, Term Term, SnapshotMeta Meta, long Offset, ReadOnlyMemory<byte> Data, bool IsDone,
        long Epoch)
        : RaftMessage(From, To, Term);

    /// <summary>Answers a <see cref="SnapshotChunk"/>.</summary>
    /// <param name="SnapshotIndex">The snapshot's last entry.</param>
    /// <param name="SnapshotTerm">That entry's term.</param>
    /// <param name="OffsetWanted">Where the next piece is to begin, in bytes.</param>
    public sealed record SnapshotChunkReply(
        NodeId From, NodeId To, Term Term, LogIndex SnapshotIndex, Term SnapshotTerm, long OffsetWanted)
        : RaftMessage(From, To, Term);

    /// <summary>A node that may have forgotten its promises asks the others for their terms.</summary>
    /// <param name="Session">Differs at each start of the sender.</param>
    public sealed record TermProbe(NodeId From, NodeId To, Term Term, ulong Session) : RaftMessage(From, To, Term);

    /// <summary>Answers a <see cref="TermProbe"/>.</summary>
    /// <param name="Session">The probe's.</param>
    /// <param name="Voters">All voters that the sender knows of, in both sets of a joint membership.</param>
    public sealed record TermReport(
        NodeId From, NodeId To, Term Term, ulong Session, IReadOnlyList<NodeId> Voters)
        : RaftMessage(From, To, Term);
}
