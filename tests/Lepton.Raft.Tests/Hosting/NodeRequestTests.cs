using Lepton.Raft.Hosting;
using Lepton.Raft.Messages;

namespace Lepton.Raft.Tests.Hosting;

public sealed class NodeRequestTests
{
    [Fact]
    public void Read_FullFollowerBehindTheIndex_FailsSoThatAnotherIsAsked()
    {
        using NodeFixture node = new();
        node.Receive(NodeFixture.Heartbeat(commit: 1));
        node.Log.IsFull = true;
        node.Receive(NodeFixture.Append(previous: 1, commit: 2, NodeFixture.Commands(2, 1)));
        Assert.True(node.Node.Status().IsDiskFull);
        RecordedRequest<LogIndex> behind = Read(node, index: 2);
        Assert.Equal(ConsensusFailure.MemberDiskFull, behind.Failure);
        Assert.Equal(LogIndex.Zero.Next, Read(node, index: 1).Result);

        node.Log.IsFull = false;
        Tick(node, node.Options.DiskFullRetryTicks);
        Assert.Equal(new LogIndex(2), Read(node, index: 2).Result);
    }

    [Fact]
    public void Propose_NobodyHasRoom_IsToldAndCarriedOutLater()
    {
        using NodeFixture node = new(membership: NodeFixture.Alone);
        TickAlone(node, 3 * node.Options.Core.ElectionTicks);
        Assert.True(node.Node.Status().IsLeader);
        node.Log.IsFull = true;
        RecordedRequest<object?> request = new();
        node.Node.Propose("a"u8.ToArray(), request);
        node.Turn();
        Assert.False(request.IsOver);
        TickAlone(node, 1);
        Assert.Equal(ConsensusFailure.Timeout, request.Failure);
        Assert.Contains("became full", request.Message, StringComparison.Ordinal);
        LogIndex before = node.Node.Applied;
        node.Log.IsFull = false;
        TickAlone(node, node.Options.DiskFullRetryTicks);
        Assert.Equal(before.Next, node.Node.Applied);
    }

    [Fact]
    public void Read_FollowerFallsFullWhileItWaits_FailsToo()
    {
        using NodeFixture node = new();
        RecordedRequest<LogIndex> request = Read(node, index: 2);
        Assert.False(request.IsOver);
        node.Log.IsFull = true;
        node.Receive(NodeFixture.Append(previous: 1, commit: 2, NodeFixture.Commands(2, 1)));
        Assert.Equal(ConsensusFailure.MemberDiskFull, request.Failure);
    }

    [Fact]
    public void Read_IndexNeverApplied_EndsInTime()
    {
        using NodeFixture node = new();
        RecordedRequest<LogIndex> request = Read(node, index: 9);
        Tick(node, node.Options.RequestTicksMax - 1);
        Assert.False(request.IsOver);
        Tick(node, 1);
        Assert.Equal(ConsensusFailure.Timeout, request.Failure);
    }

    [Fact]
    public void Propose_FollowerBeyondTheBytesUnderWay_IsRefusedUntilTheFirstIsApplied()
    {
        using NodeFixture node = new(options => options with { ProposalBytesMax = 100 });
        node.Receive(NodeFixture.Heartbeat(commit: 1));
        RecordedRequest<object?> first = Propose(node, 60);
        Assert.Equal(ConsensusFailure.Overloaded, Propose(node, 60).Failure);
        RaftMessage.Forward forward = Assert.Single(node.Take<RaftMessage.Forward>());
        Assert.False(first.IsOver);

        LogEntry entry = new(NodeFixture.Term, new LogIndex(2), EntryKind.Command, forward.Proposals[0].Data);
        node.Receive(NodeFixture.Append(previous: 1, commit: 2, entry));
        Assert.True(first.IsOver);
        Assert.Null(first.Failure);
        Assert.Null(Propose(node, 60).Failure);
    }

    [Fact]
    public void Propose_FirstOfTheBytesTimesOut_MakesRoom()
    {
        using NodeFixture node = new(options => options with { ProposalBytesMax = 100 });
        node.Receive(NodeFixture.Heartbeat(commit: 1));
        RecordedRequest<object?> single = Propose(node, 500);
        Assert.False(single.IsOver);
        Assert.Equal(ConsensusFailure.Overloaded, Propose(node, 1).Failure);
        Tick(node, node.Options.RequestTicksMax);
        Assert.Equal(ConsensusFailure.Timeout, single.Failure);
        Assert.False(Propose(node, 100).IsOver);
    }

    [Fact]
    public void RaftNode_OptionsWrong_TellsAllFaults()
    {
        RaftNodeOptions wrong = new()
        {
            Core = new Raft.Core.RaftOptions { Id = new NodeId(1), Seed = 1, AppendBytesMax = 0 },
            DiskFullRetryTicks = 0,
            ProposalsMax = -1,
        };
        ArgumentException fault = Assert.Throws<ArgumentException>(() => new NodeFixture(_ => wrong));
        Assert.Contains("AppendBytesMax is 0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("DiskFullRetryTicks is 0", fault.Message, StringComparison.Ordinal);
        Assert.Contains("ProposalsMax is -1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnyFailure_IsAText() =>
        Assert.All(Enum.GetValues<ConsensusFailure>(), failure => Assert.EndsWith(".", FailureText.Of(failure)));

    /// <summary>Asks for a read, and has the leader answer with an index.</summary>
    private static RecordedRequest<LogIndex> Read(NodeFixture node, long index)
    {
        node.Receive(NodeFixture.Heartbeat(commit: 1));
        RecordedRequest<LogIndex> request = new();
        node.Node.Read(request);
        node.Turn();
        RaftMessage.ReadRequest asked = Assert.Single(node.Take<RaftMessage.ReadRequest>());
        node.Receive(new RaftMessage.ReadReply(
            NodeFixture.Leader, node.Node.Core.Id, NodeFixture.Term, asked.Context, new LogIndex(index), null));
        return request;
    }

    private static RecordedRequest<object?> Propose(NodeFixture node, int bytes)
    {
        RecordedRequest<object?> request = new();
        node.Node.Propose(new byte[bytes], request);
        node.Turn();
        return request;
    }

    private static void TickAlone(NodeFixture node, int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            node.Node.Tick();
            node.Turn();
        }
    }

    private static void Tick(NodeFixture node, int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            node.Node.Tick();
            node.Receive(NodeFixture.Heartbeat(commit: 2));
        }
    }
}
