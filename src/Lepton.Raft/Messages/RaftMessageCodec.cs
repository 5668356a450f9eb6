using System.Buffers;
using Lepton.Raft.Membership;

namespace Lepton.Raft.Messages;

/// <summary>
/// The bytes of a <see cref="RaftMessage"/>: a version, the kind, the sender, the receiver, the term, then its fields.
/// Framing is the transport's.
/// </summary>
public static class RaftMessageCodec
{
    /// <summary>The version of the format.</summary>
    public const byte Version = 1;

    /// <summary>Encodes a message behind what <paramref name="output"/> holds already.</summary>
    public static void Encode(RaftMessage message, IBufferWriter<byte> output)
    {
        FieldWriter writer = new(output);
        writer.Byte(Version);
        writer.Byte((byte)KindOf(message));
        writer.Id(message.From);
        writer.Id(message.To);
        writer.Term(message.Term);
        switch (message)
        {
            case RaftMessage.Append append:
                WriteAppend(writer, append);
                break;
            case RaftMessage.Forward forward:
                WriteForward(writer, forward);
                break;
            case RaftMessage.ForwardReply reply:
                WriteForwardReply(writer, reply);
                break;
            case RaftMessage.SnapshotChunk chunk:
                WriteChunk(writer, chunk);
                break;
            default:
                WriteSmall(writer, message);
                break;
        }
    }

    /// <summary>
    /// Decodes a message. Data of entries, proposals and snapshots is a slice of <paramref name="bytes"/>, which the
    /// caller must not use again.
    /// </summary>
    /// <exception cref="MalformedMessageException">The bytes are no message of this version.</exception>
    public static RaftMessage Decode(ReadOnlyMemory<byte> bytes)
    {
        FieldReader reader = new(bytes, "Raft message");
        reader.Version(Version);
        Kind kind = (Kind)reader.Byte();
        NodeId from = reader.Id();
        NodeId to = reader.Id();
        Term term = reader.Term();
        RaftMessage message = kind switch
        {
            Kind.VoteRequest => new RaftMessage.VoteRequest(
                from, to, term, reader.Flag(), reader.Index(), reader.Term(), reader.Flag()),
            Kind.VoteReply => new RaftMessage.VoteReply(from, to, term, reader.Flag(), reader.Flag()),
            Kind.Append => ReadAppend(reader, from, to, term),
            Kind.AppendReply => new RaftMessage.AppendReply(
                from, to, term, reader.Index(), reader.Flag(), reader.Index(), reader.Term(), reader.Number()),
            Kind.RepairRequest => new RaftMessage.RepairRequest(from, to, term, reader.Index(), reader.Number()),
            Kind.Heartbeat => new RaftMessage.Heartbeat(
                from, to, term, reader.Index(), reader.Number(), reader.Number()),
            Kind.HeartbeatReply => new RaftMessage.HeartbeatReply(from, to, term, reader.Number(), reader.Flag()),
            Kind.ReadRequest => new RaftMessage.ReadRequest(from, to, term, reader.Wide()),
            Kind.ReadReply => new RaftMessage.ReadReply(
                from, to, term, reader.Wide(), reader.Index(), ReadFailure(reader)),
            Kind.Forward => ReadForward(reader, from, to, term),
            Kind.ForwardReply => ReadForwardReply(reader, from, to, term),
            Kind.TimeoutNow => new RaftMessage.TimeoutNow(from, to, term),
            Kind.SnapshotChunk => ReadChunk(reader, from, to, term),
            Kind.SnapshotChunkReply => new RaftMessage.SnapshotChunkReply(
                from, to, term, reader.Index(), reader.Term(), reader.Number()),
            Kind.TermProbe => new RaftMessage.TermProbe(from, to, term, reader.Fixed()),
            Kind.TermReport => new RaftMessage.TermReport(
                from, to, term, reader.Fixed(), MembershipCodec.ReadIds(reader)),
            _ => throw reader.Malformed($"the kind {(byte)kind} is not known"),
        };
        reader.End();
        return message;
    }

    private static Kind KindOf(RaftMessage message) => message switch
    {
        RaftMessage.VoteRequest => Kind.VoteRequest,
        RaftMessage.VoteReply => Kind.VoteReply,
        RaftMessage.Append => Kind.Append,
        RaftMessage.AppendReply => Kind.AppendReply,
        RaftMessage.RepairRequest => Kind.RepairRequest,
        RaftMessage.Heartbeat => Kind.Heartbeat,
        RaftMessage.HeartbeatReply => Kind.HeartbeatReply,
        RaftMessage.ReadRequest => Kind.ReadRequest,
        RaftMessage.ReadReply => Kind.ReadReply,
        RaftMessage.Forward => Kind.Forward,
        RaftMessage.ForwardReply => Kind.ForwardReply,
        RaftMessage.TimeoutNow => Kind.TimeoutNow,
        RaftMessage.SnapshotChunk => Kind.SnapshotChunk,
        RaftMessage.SnapshotChunkReply => Kind.SnapshotChunkReply,
        RaftMessage.TermProbe => Kind.TermProbe,
        RaftMessage.TermReport => Kind.TermReport,
        _ => throw new ArgumentOutOfRangeException(nameof(message), message, "This kind of message is not known."),
    };

    private static void WriteSmall(FieldWriter writer, RaftMessage message)
    {
        switch (message)
        {
            case RaftMessage.VoteRequest request:
                writer.Flag(request.IsPreVote);
                writer.Index(request.LastIndex);
                writer.Term(request.LastTerm);
                writer.Flag(request.IsTransfer);
                break;
            case RaftMessage.VoteReply reply:
                writer.Flag(reply.IsPreVote);
                writer.Flag(reply.IsGranted);
                break;
            case RaftMessage.AppendReply reply:
                writer.Index(reply.Index);
                writer.Flag(reply.IsRejected);
                writer.Index(reply.HintIndex);
                writer.Term(reply.HintTerm);
                writer.Number(reply.Epoch);
                break;
            case RaftMessage.RepairRequest request:
                writer.Index(request.FromIndex);
                writer.Number(request.Epoch);
                break;
            case RaftMessage.Heartbeat heartbeat:
                writer.Index(heartbeat.Commit);
                writer.Number(heartbeat.Round);
                writer.Number(heartbeat.Epoch);
                break;
            case RaftMessage.HeartbeatReply reply:
                writer.Number(reply.Round);
                writer.Flag(reply.IsDiskFull);
                break;
            case RaftMessage.ReadRequest request:
                writer.Fixed(request.Context);
                break;
            case RaftMessage.ReadReply reply:
                writer.Fixed(reply.Context);
                writer.Index(reply.Index);
                WriteFailure(writer, reply.Failure);
                break;
            case RaftMessage.TermProbe probe:
                writer.Fixed(probe.Session);
                break;
            case RaftMessage.TermReport report:
                writer.Fixed(report.Session);
                MembershipCodec.WriteIds(writer, report.Voters);
                break;
            case RaftMessage.SnapshotChunkReply reply:
                writer.Index(reply.SnapshotIndex);
                writer.Term(reply.SnapshotTerm);
                writer.Number(reply.OffsetWanted);
                break;
        }
    }

    private static void WriteAppend(FieldWriter writer, RaftMessage.Append append)
    {
        writer.Index(append.PrevIndex);
        writer.Term(append.PrevTerm);
        writer.Index(append.Commit);
        writer.Number(append.Epoch);
        writer.Flag(append.IsNotice);
        writer.Count(append.Entries.Count);
        for (int i = 0; i < append.Entries.Count; i++)
        {
            writer.Entry(append.Entries[i]);
        }
    }

    private static RaftMessage.Append ReadAppend(FieldReader reader, NodeId from, NodeId to, Term term)
    {
        LogIndex prevIndex = reader.Index();
        Term prevTerm = reader.Term();
        LogIndex commit = reader.Index();
        long epoch = reader.Number();
        bool isNotice = reader.Flag();
        LogEntry[] entries = new LogEntry[reader.Count(bytesEach: 3)];
        if (prevIndex.Value > long.MaxValue - entries.Length)
        {
            throw reader.Malformed("an index exceeds 63 bits");
        }

        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = reader.Entry(prevIndex + (i + 1));
            if (entries[i].Kind == EntryKind.Membership)
            {
                // Found out here, and not by the core in the midst of a step.
                MembershipCodec.Decode(entries[i].Data);
            }
        }

        return new RaftMessage.Append(from, to, term, prevIndex, prevTerm, entries, commit, epoch, isNotice);
    }

    private static void WriteForward(FieldWriter writer, RaftMessage.Forward forward)
    {
        writer.Fixed(forward.Session);
        writer.Number(forward.Sequence);
        writer.Count(forward.Proposals.Count);
        for (int i = 0; i < forward.Proposals.Count; i++)
        {
            ForwardedProposal proposal = forward.Proposals[i];
            writer.Fixed(proposal.Id);
            writer.Byte((byte)proposal.Kind);
            writer.Bytes(proposal.Data.Span);
        }
    }

    private static RaftMessage.Forward ReadForward(FieldReader reader, NodeId from, NodeId to, Term term)
    {
        ulong session = reader.Fixed();
        long sequence = reader.Number();
        ForwardedProposal[] proposals = new ForwardedProposal[reader.Count(bytesEach: 10)];
        for (int i = 0; i < proposals.Length; i++)
        {
            ulong id = reader.Fixed();
            EntryKind kind = (EntryKind)reader.Byte();
            if (kind is not (EntryKind.Command or EntryKind.Membership))
            {
                throw reader.Malformed($"a proposal has the kind {(byte)kind}");
            }

            proposals[i] = new ForwardedProposal(id, kind, reader.Bytes());
            if (kind == EntryKind.Membership)
            {
                MembershipChangeCodec.Decode(proposals[i].Data);
            }
        }

        return new RaftMessage.Forward(from, to, term, session, sequence, proposals);
    }

    private static void WriteForwardReply(FieldWriter writer, RaftMessage.ForwardReply reply)
    {
        writer.Fixed(reply.Session);
        writer.Count(reply.Outcomes.Count);
        for (int i = 0; i < reply.Outcomes.Count; i++)
        {
            ProposalOutcome outcome = reply.Outcomes[i];
            writer.Fixed(outcome.Id);
            WriteFailure(writer, outcome.Failure);
            writer.Term(outcome.Term);
            writer.Index(outcome.Index);
        }
    }

    private static RaftMessage.ForwardReply ReadForwardReply(FieldReader reader, NodeId from, NodeId to, Term term)
    {
        ulong session = reader.Fixed();
        ProposalOutcome[] outcomes = new ProposalOutcome[reader.Count(bytesEach: 11)];
        for (int i = 0; i < outcomes.Length; i++)
        {
            outcomes[i] = new ProposalOutcome(reader.Fixed(), ReadFailure(reader), reader.Term(), reader.Index());
        }

        return new RaftMessage.ForwardReply(from, to, term, session, outcomes);
    }

    private static void WriteChunk(FieldWriter writer, RaftMessage.SnapshotChunk chunk)
    {
        writer.Index(chunk.Meta.Index);
        writer.Term(chunk.Meta.Term);
        writer.Number(chunk.Meta.Bytes);
        MembershipCodec.Write(writer, chunk.Meta.Membership);
        writer.Number(chunk.Offset);
        writer.Flag(chunk.IsDone);
        writer.Number(chunk.Epoch);
        writer.Bytes(chunk.Data.Span);
    }

    private static RaftMessage.SnapshotChunk ReadChunk(FieldReader reader, NodeId from, NodeId to, Term term)
    {
        LogIndex index = reader.Index();
        Term snapshotTerm = reader.Term();
        long bytes = reader.Number();
        SnapshotMeta meta = new(index, snapshotTerm, MembershipCodec.Read(reader), bytes);
        long offset = reader.Number();
        bool isDone = reader.Flag();
        long epoch = reader.Number();
        ReadOnlyMemory<byte> data = reader.Bytes();
        return offset > bytes - data.Length
            ? throw reader.Malformed($"a piece of {data.Length} bytes at {offset} leaves a snapshot of {bytes} bytes")
            : new RaftMessage.SnapshotChunk(from, to, term, meta, offset, data, isDone, epoch);
    }

    // 0 is no failure.
    private static void WriteFailure(FieldWriter writer, ConsensusFailure? failure) =>
        writer.Byte((byte)(failure ?? 0));

    private static ConsensusFailure? ReadFailure(FieldReader reader)
    {
        byte code = reader.Byte();
        return code == 0 ? null
            : Enum.IsDefined((ConsensusFailure)code) ? (ConsensusFailure)code
            : ConsensusFailure.LeaderChanged;
    }

    /// <summary>The kinds of messages, as numbered on the wire.</summary>
    private enum Kind : byte
    {
        VoteRequest = 1,
        VoteReply = 2,
        Append = 3,
        AppendReply = 4,
        RepairRequest = 5,
        Heartbeat = 6,
        HeartbeatReply = 7,
        ReadRequest = 8,
        ReadReply = 9,
        Forward = 10,
        ForwardReply = 11,
        TimeoutNow = 12,
        SnapshotChunk = 13,
        SnapshotChunkReply = 14,
        TermProbe = 15,
        TermReport = 16,
    }
}
