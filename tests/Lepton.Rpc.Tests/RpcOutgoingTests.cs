using Google.Protobuf.WellKnownTypes;
using Lepton.Rpc;

namespace Lepton.Rpc.Tests;

public sealed class RpcOutgoingTests
{
    [Fact]
    public void Send_WhileAWriteIsUnderWay_GoesWithTheNextInOrder()
    {
        var writes = new List<int[]>();
        var first = new TaskCompletionSource();
        var outgoing = new RpcOutgoing<Int32Value>(messages =>
        {
            writes.Add([.. messages.Select(static message => message.Value)]);
            return writes.Count == 1 ? new ValueTask(first.Task) : ValueTask.CompletedTask;
        });

        outgoing.Send(Of(1));
        outgoing.Send(Of(2));
        outgoing.Send([Of(3), Of(4)]);
        Assert.Equal([[1]], writes);
        first.SetResult();

        Assert.Equal([[1], [2, 3, 4]], writes);
    }

    [Fact]
    public void Send_StreamIsBroken_SendsNothingMore()
    {
        int writes = 0;
        var outgoing = new RpcOutgoing<Int32Value>(_ =>
        {
            writes++;
            throw new IOException("broken");
        });

        outgoing.Send(Of(1));
        outgoing.Send(Of(2));

        Assert.Equal(1, writes);
    }

    private static Int32Value Of(int value) => new() { Value = value };
}
