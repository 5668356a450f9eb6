using System.Text;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Tests.Transcripts;

/// <summary>Messages as transcripts show them: "1>2 Append after 2@1: 3@2 x; commit 2".</summary>
internal static class MessageText
{
    public static string Of(RaftMessage message)
    {
        string kind = message.GetType().Name;
        string rest = message switch
        {
            RaftMessage.VoteRequest request => $"{(request.IsPreVote ? "(pre) " : "")}log ends {request.LastIndex}@" +
                $"{request.LastTerm}{(request.IsTransfer ? ", wanted by the leader" : "")}",
            RaftMessage.VoteReply reply => $"{(reply.IsPreVote ? "(pre) " : "")}{(reply.IsGranted ? "yes" : "no")}",
            RaftMessage.Append append => $"after {append.PrevIndex}@{append.PrevTerm}:" +
                $"{string.Concat(append.Entries.Select(entry => " " + Of(entry)))}; commit {append.Commit}" +
                $"{(append.IsNotice ? ", a notice" : "")}{Epoch(append.Epoch)}",
            RaftMessage.AppendReply { IsRejected: true } reply =>
                $"not {reply.Index}, at most {reply.HintIndex}@{reply.HintTerm}{Epoch(reply.Epoch)}",
            RaftMessage.AppendReply reply => $"has {reply.Index}{Epoch(reply.Epoch)}",
            RaftMessage.RepairRequest request => $"from {request.FromIndex}{Epoch(request.Epoch)}",
            RaftMessage.Heartbeat heartbeat => $"commit {heartbeat.Commit}, round {heartbeat.Round}" +
                Epoch(heartbeat.Epoch),
            RaftMessage.HeartbeatReply reply => $"round {reply.Round}{(reply.IsDiskFull ? ", disk full" : "")}",
            RaftMessage.ReadReply reply => reply.Failure?.ToString() ?? $"at {reply.Index}",
            RaftMessage.Forward forward => string.Join(' ', forward.Proposals.Select(proposal =>
                proposal.Kind == EntryKind.Command ? Encoding.UTF8.GetString(proposal.Data.Span) : "a change")),
            RaftMessage.ForwardReply reply => string.Join(' ', reply.Outcomes.Select(outcome =>
                $"{outcome.Id}: {outcome.Failure?.ToString() ?? $"in the log at {outcome.Index}"}")),
            RaftMessage.SnapshotChunk chunk => $"of {chunk.Meta.Index}@{chunk.Meta.Term}, {chunk.Data.Length} bytes " +
                $"at {chunk.Offset}{(chunk.IsDone ? ", the last" : "")}",
            RaftMessage.SnapshotChunkReply reply =>
                $"of {reply.SnapshotIndex}@{reply.SnapshotTerm}, wants {reply.OffsetWanted}",
            _ => "",
        };
        return $"{message.From}>{message.To} t{message.Term} {kind} {rest}".TrimEnd();
    }

    public static string Of(LogEntry entry) => $"{entry.Index}@{entry.Term} " + entry.Kind switch
    {
        EntryKind.NoOp => "no-op",
        EntryKind.Command => Encoding.UTF8.GetString(entry.Data.Span),
        _ => $"[{Of(MembershipCodec.Decode(entry.Data))}]",
    };

    public static string Of(ClusterMembership membership) => string.Join(' ', membership.Voters)
        + (membership.IsJoint ? $" and {string.Join(' ', membership.OutgoingVoters)}" : "")
        + (membership.Learners.Count > 0 ? $" learning {string.Join(' ', membership.Learners)}" : "");

    private static string Epoch(long epoch) => epoch == 0 ? "" : $", epoch {epoch}";
}
