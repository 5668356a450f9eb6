using Lepton.Coordination.Peers;
using Lepton.Raft;
using Lepton.Raft.Messages;

namespace Lepton.Coordination.Tests.Peers;

public sealed class PeerQueueTests
{
    [Fact]
    public void Add_BeyondTheBytes_IsLostUntilSomethingWasRead()
    {
        PeerQueue queue = new(messagesMax: 10, bytesMax: 100);
        queue.Add(Forward(1, 80));
        queue.Add(Forward(2, 30));
        queue.Add(Forward(3, 20));
        queue.Add(new RaftMessage.TimeoutNow(new NodeId(1), new NodeId(2), new Term(4)));
        Assert.Equal([1L, 3L, 4L], ReadAll(queue));
        queue.Add(Forward(5, 1000));
        queue.Add(Forward(6, 1));
        Assert.Equal([5L], ReadAll(queue));
    }

    [Fact]
    public void Add_BeyondTheNumber_IsLostAndCountsForNothing()
    {
        PeerQueue queue = new(messagesMax: 2, bytesMax: 100);
        for (int i = 1; i <= 4; i++)
        {
            queue.Add(Forward(i, 30));
        }

        Assert.Equal([1L, 2L], ReadAll(queue));
        queue.Add(Forward(5, 50));
        queue.Add(Forward(6, 50));
        Assert.Equal([5L, 6L], ReadAll(queue));
    }

    private static RaftMessage.Forward Forward(long number, int bytes) => new(
        new NodeId(1), new NodeId(2), new Term(number), 1, number,
        [new ForwardedProposal(1, EntryKind.Command, new byte[bytes])]);

    private static List<long> ReadAll(PeerQueue queue)
    {
        List<long> terms = [];
        while (queue.TryRead(out RaftMessage? message))
        {
            terms.Add(message.Term.Value);
        }

        return terms;
    }
}
