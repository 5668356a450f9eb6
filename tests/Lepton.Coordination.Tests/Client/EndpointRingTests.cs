using Google.Protobuf;
using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Transport;
using Lepton.Coordination.Protocol;
using Lepton.Rpc;

namespace Lepton.Coordination.Tests.Client;

public sealed class EndpointRingTests : CoordinationTest
{
    [Fact]
    public async Task Calls_ServerInUseWorks_AllGoToIt()
    {
        StubTransport[] servers = [Working("a"), Working("b"), Working("c")];
        using CoordinationClient client = new(new CoordinationClientOptions { Seed = 1 }, servers);
        for (int i = 0; i < 5; i++)
        {
            await client.GetAsync("k");
        }

        Assert.Equal([0, 0, 5], servers.Select(server => server.Calls.Count).Order());
    }

    [Fact]
    public async Task Calls_TwoServersAreDown_TheThirdIsFoundAndKept()
    {
        StubTransport[] servers = [Down("a"), Down("b"), Working("c")];
        using CoordinationClient client = new(new CoordinationClientOptions { Seed = 1 }, servers);
        await client.PutAsync("k", "1");
        int[] first = [.. servers.Select(server => server.Calls.Count)];
        await client.PutAsync("k", "2");
        Assert.Equal(first[2] + 1, servers[2].Calls.Count);
        Assert.Equal(first[..2], servers[..2].Select(server => server.Calls.Count));
    }

    [Fact]
    public async Task Calls_ClientWasDisposed_SayIt()
    {
        CoordinationClient client = new(new CoordinationClientOptions(), [Working("a")]);
        client.Dispose();
        ObjectDisposedException e = await Assert.ThrowsAsync<ObjectDisposedException>(() => client.GetAsync("k"));
        Assert.Equal(typeof(CoordinationClient).FullName, e.ObjectName);
    }

    [Fact]
    public void MoveOn_ManyFailTogether_OneStep()
    {
        StubTransport[] servers = [Working("a"), Working("b"), Working("c")];
        using EndpointRing ring = new(servers, 0);
        ICoordinationTransport failed = ring.Current;
        for (int i = 0; i < 10; i++)
        {
            ring.MoveOn(failed);
        }

        Assert.Same(servers[1], ring.Current);
    }

    [Fact]
    public async Task Calls_AllServersAreDown_PausesGrowUntilTheTimeIsOver()
    {
        ManualClock clock = new();
        StubTransport server = Down("a");
        using CoordinationClient client = new(
            new CoordinationClientOptions { TimeProvider = clock, CallTimeout = TimeSpan.FromSeconds(5), Seed = 1 },
            [server]);
        Task<PutResult> put = client.PutAsync("k", "v");
        while (!put.IsCompleted)
        {
            clock.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }

        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(() => put);
        Assert.Equal(CoordinationFailure.Unavailable, e.Failure);
        Assert.InRange(server.Calls.Count, 6, 20);
        Assert.Contains($"It was tried {server.Calls.Count} times.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_LastAttemptIsCutOff_SaysWhatTheOneBeforeWasAnswered()
    {
        int calls = 0;
        StubTransport server = new("a", _ => Task.FromException<IMessage>(++calls == 1
            ? new RpcException(StatusCode.Unavailable, "etcdserver: unhealthy cluster")
            : new RpcException(StatusCode.DeadlineExceeded, "no answer within 1 s")));
        using CoordinationClient client = new(new CoordinationClientOptions { Seed = 1 }, [server]);

        OutcomeUnknownException e = await Assert.ThrowsAsync<OutcomeUnknownException>(
            () => client.RemoveMemberAsync(new MemberId(10)));

        Assert.Contains(
            "no answer within 1 s. It was tried 2 times; the time before, the answer was Unavailable: etcdserver: " +
            "unhealthy cluster. Read to find out", e.Message, StringComparison.Ordinal);
    }

    private static StubTransport Down(string name) => new(
        name, _ => Task.FromException<IMessage>(
            new RpcException(StatusCode.Unavailable, "no connection came about") { NeverReached = true }));

    private static StubTransport Working(string name) => new(name, request => Task.FromResult<IMessage>(request switch
    {
        RangeRequest => new RangeResponse { Header = new ResponseHeader { Revision = 1 } },
        _ => new PutResponse { Header = new ResponseHeader { Revision = 2 } },
    }));
}
