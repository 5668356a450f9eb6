using System.Buffers;
using FsCheck.Fluent;
using Lepton.Core.Randomness;
using Lepton.Raft.Core;
using Lepton.Raft.Hosting;
using Lepton.Raft.Membership;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Tests.Messages;

public sealed class RaftMessageCodecTests
{
    private static readonly NodeId s_from = new(1);
    private static readonly NodeId s_to = new(0xfedc_ba98_7654_3210);
    private static readonly Term s_term = new(long.MaxValue);

    public static TheoryData<string> Kinds => [.. Samples().Select(message => message.GetType().Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_EachKind_GivesTheMessageBack(string kind)
    {
        RaftMessage message = Samples().Single(sample => sample.GetType().Name == kind);
        byte[] bytes = Encode(message);
        RaftMessage decoded = RaftMessageCodec.Decode(bytes);
        Assert.Equal(bytes, Encode(decoded));
        Assert.Equal(message.GetType(), decoded.GetType());
        Assert.Equal((message.From, message.To, message.Term), (decoded.From, decoded.To, decoded.Term));
        Assert.Equal(Text(message), Text(decoded));
    }

    [Fact]
    public void Decode_EntriesData_IsASliceOfTheBytes()
    {
        byte[] bytes = Encode(Samples().OfType<RaftMessage.Append>().Single());
        RaftMessage.Append decoded = (RaftMessage.Append)RaftMessageCodec.Decode(bytes);
        Assert.Equal(7, decoded.Entries[1].Data.Span[0]);
        bytes.AsSpan(bytes.Length - 3).Fill(9);
        Assert.Equal(9, decoded.Entries[1].Data.Span[2]);
    }

    [Fact]
    public void Decode_NewerVersion_IsRefusedWithBothVersions()
    {
        byte[] bytes = Encode(Samples()[0]);
        bytes[0] = 7;
        string message = Assert.Throws<MalformedMessageException>(() => RaftMessageCodec.Decode(bytes)).Message;
        Assert.Contains("format version 7; this program reads versions 1 to 1", message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Decode_EachPrefix_IsRefused(string kind)
    {
        byte[] bytes = Encode(Samples().Single(sample => sample.GetType().Name == kind));
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<MalformedMessageException>(() => RaftMessageCodec.Decode(bytes.AsMemory(0, length)));
        }

        Assert.Throws<MalformedMessageException>(() => RaftMessageCodec.Decode((byte[])[.. bytes, 0]));
    }

    [Fact]
    public void Decode_HugeCount_IsRefusedWithoutMakingRoom()
    {
        ArrayBufferWriter<byte> output = new();
        RaftMessageCodec.Encode(
            new RaftMessage.Append(s_from, s_to, s_term, LogIndex.Zero, Term.Zero, [], LogIndex.Zero, 0, true), output);
        byte[] bytes = [.. output.WrittenSpan[..^1], 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
        Assert.Throws<MalformedMessageException>(() => RaftMessageCodec.Decode(bytes));
    }

    [Fact]
    public void Decode_AnyDamage_IsAMessageOrIsRefused() =>
        Prop.ForAll<int>(seed =>
        {
            SeededRandom random = new((ulong)(uint)seed);
            RaftMessage[] samples = Samples();
            byte[] bytes = Encode(samples[random.NextInt32(samples.Length)]);
            for (int i = random.NextInt32(4); i >= 0; i--)
            {
                bytes[random.NextInt32(bytes.Length)] = (byte)random.NextInt32(256);
            }

            try
            {
                RaftMessage decoded = RaftMessageCodec.Decode(bytes);
                return RaftMessageCodec.Decode(Encode(decoded)).GetType() == decoded.GetType();
            }
            catch (MalformedMessageException)
            {
                return true;
            }
        }).Holds();

    [Fact]
    public void Decode_FailureOfANewerVersion_PromisesNothing()
    {
        byte[] bytes = Encode(
            new RaftMessage.ReadReply(s_from, s_to, s_term, 5, LogIndex.Zero, (ConsensusFailure)200));
        RaftMessage.ReadReply reply = Assert.IsType<RaftMessage.ReadReply>(RaftMessageCodec.Decode(bytes));
        Assert.Equal(ConsensusFailure.LeaderChanged, reply.Failure);
    }

    private static RaftMessage[] Samples()
    {
        ClusterMembership membership = new(
            [RaftMember(1), RaftMember(2), RaftMember(3)], [new NodeId(1)], [new NodeId(1), new NodeId(2)],
            [new NodeId(3)]);
        return
        [
            new RaftMessage.VoteRequest(s_from, s_to, s_term, true, new LogIndex(127), new Term(128), false),
            new RaftMessage.VoteReply(s_from, s_to, s_term, false, true),
            new RaftMessage.Append(
                s_from, s_to, s_term, new LogIndex(16_383), new Term(2),
                [
                    new LogEntry(
                        new Term(3), new LogIndex(16_384), EntryKind.Membership, MembershipCodec.Encode(membership)),
                    new LogEntry(new Term(3), new LogIndex(16_385), EntryKind.Command, new byte[] { 7, 8, 9 }),
                ],
                new LogIndex(16_380), 1, false),
            new RaftMessage.AppendReply(s_from, s_to, s_term, new LogIndex(5), true, new LogIndex(4), new Term(3), 2),
            new RaftMessage.RepairRequest(s_from, s_to, s_term, new LogIndex(9), 3),
            new RaftMessage.Heartbeat(s_from, s_to, s_term, new LogIndex(10), 11, 12),
            new RaftMessage.HeartbeatReply(s_from, s_to, s_term, 13, true),
            new RaftMessage.ReadRequest(s_from, s_to, s_term, UInt128.MaxValue),
            new RaftMessage.ReadReply(s_from, s_to, s_term, 5, new LogIndex(14), ConsensusFailure.NoLeader),
            new RaftMessage.Forward(
                s_from, s_to, s_term, 15, 16,
                [
                    new ForwardedProposal(17, EntryKind.Command, new byte[] { 1 }),
                    new ForwardedProposal(
                        18, EntryKind.Membership,
                        MembershipChangeCodec.Encode(new MembershipChange.AddLearner(RaftMember(4)))),
                ]),
            new RaftMessage.ForwardReply(
                s_from, s_to, s_term, 19,
                [
                    new ProposalOutcome(20, ConsensusFailure.Overloaded, s_term, LogIndex.Zero),
                    new ProposalOutcome(21, null, s_term, new LogIndex(22)),
                ]),
            new RaftMessage.TimeoutNow(s_from, s_to, s_term),
            new RaftMessage.SnapshotChunk(
                s_from, s_to, s_term, new SnapshotMeta(new LogIndex(23), new Term(24), membership, 100), 97,
                new byte[] { 1, 2, 3 }, true, 25),
            new RaftMessage.SnapshotChunkReply(s_from, s_to, s_term, new LogIndex(26), new Term(27), 28),
            new RaftMessage.TermProbe(s_from, s_to, s_term, ulong.MaxValue),
            new RaftMessage.TermReport(s_from, s_to, s_term, 29, [s_from, s_to]),
        ];
    }

    // Records compare lists by reference; what they print of them is not their content. Bytes were compared before.
    private static string Text(RaftMessage message) => message switch
    {
        RaftMessage.Append append => append.ToString().Split("Entries", 2)[0],
        RaftMessage.Forward or RaftMessage.ForwardReply or RaftMessage.SnapshotChunk or RaftMessage.TermReport =>
             message.GetType().Name,
        _ => message.ToString(),
    };

    private static byte[] Encode(RaftMessage message)
    {
        ArrayBufferWriter<byte> output = new();
        RaftMessageCodec.Encode(message, output);
        return output.WrittenSpan.ToArray();
    }

    private static Member RaftMember(int id) => new(new NodeId((ulong)id), $"n{id}é", [$"http://n{id}:2380", ""]);
}
