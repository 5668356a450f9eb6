using Google.Protobuf;
using Lepton.Coordination.Client.Transport;
using Lepton.Coordination.Protocol;
using Lepton.Coordination.Services;
using Lepton.Raft;
using Lepton.Raft.Hosting;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Services;

/// <summary>The time of leases, by a clock that the test moves.</summary>
public sealed class LeaseTests : ServiceTest
{
    private readonly ManualClock _clock = new();

    [Fact]
    public async Task Tick_TimeOver_EndsTheLeaseWithItsKeys()
    {
        TestServer server = await ServeAsync(new() { TimeProvider = _clock });
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 1, TTL = 10 });
        await server.Channel.UnaryAsync(Methods.Put, Put("a", "1", lease: 1));
        _clock.Advance(TimeSpan.FromSeconds(9));
        server.Leases.Tick();
        Assert.Equal(1, (await server.Channel.UnaryAsync(Methods.Range, Get("a"))).Count);
        Assert.Equal(0, (await server.Channel.UnaryAsync(Methods.LeaseTimeToLive, new() { ID = 1 })).TTL);
        _clock.Advance(TimeSpan.FromSeconds(1));
        server.Leases.Tick();
        Assert.Equal(0, (await server.Channel.UnaryAsync(Methods.Range, Get("a"))).Count);
        Assert.Equal(-1, (await server.Channel.UnaryAsync(Methods.LeaseTimeToLive, new() { ID = 1 })).TTL);
    }

    [Fact]
    public async Task KeepAlive_InTime_GivesTheWholeTimeAgain()
    {
        TestServer server = await ServeAsync(new() { TimeProvider = _clock });
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 1, TTL = 10 });
        await using RpcDuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> keepAlive =
            server.Channel.OpenDuplex(Methods.LeaseKeepAlive);
        for (int i = 0; i < 3; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(9));
            server.Leases.Tick();
            await keepAlive.WriteAsync(new() { ID = 1 });
            Assert.Equal(10, (await Step(keepAlive.ReadAsync().AsTask(), "an answer"))!.TTL);
        }

        // Its end may be under way already: no promise any more.
        _clock.Advance(TimeSpan.FromSeconds(10));
        await keepAlive.WriteAsync(new() { ID = 1 });
        Assert.Equal(0, (await Step(keepAlive.ReadAsync().AsTask(), "an answer"))!.TTL);
        keepAlive.Complete();
        Assert.Null(await Step(keepAlive.ReadAsync().AsTask(), "the end"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task KeepAlive_RevokedOrOverOnTheWay_IsNotAnsweredAlive(int barriers)
    {
        TestServer server = await ServeAsync(new() { TimeProvider = _clock });
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 1, TTL = 10 });
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 2, TTL = 10 });
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 3, TTL = 100 });
        Command revocation = new() { LeaseRevoke = new LeaseRevokeRequest { ID = 1 } };
        Action end = () =>
        {
            Assert.True(server.Node.ProposeAsync(revocation.ToByteArray(), CancellationToken.None).IsCompleted);
            _clock.Advance(TimeSpan.FromSeconds(10));
        };

        // A lease that is not there has the leader look twice.
        server.Node.AtBarrier = barriers == 1 ? end : () => server.Node.AtBarrier = end;
        long[] ids = barriers == 1 ? [1, 2, 3] : [1, 2, 3, 9];
        IReadOnlyList<LeaseTime> times = await server.Leases.KeepAliveAsync(ids, CancellationToken.None);
        Assert.Equal([false, false, true], times.Take(3).Select(static time => time.Exists));
        Assert.Equal(barriers, server.Node.Barriers);
    }

    [Fact]
    public async Task Trap25_DeposedLeader_NeitherEndsNorRenewsLeases()
    {
        FakeForwarder forwarder = new();
        TestServer server = await ServeAsync(new() { TimeProvider = _clock }, forwarder);
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 1, TTL = 10 });
        ConsensusStatus leading = server.Node.Status;
        server.Node.Status = leading with { Leader = new NodeId(9), Term = leading.Term.Next };
        int before = server.Node.Proposals;
        _clock.Advance(TimeSpan.FromSeconds(60));
        server.Leases.Tick();
        Assert.Equal(before, server.Node.Proposals);

        await using RpcDuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> keepAlive =
            server.Channel.OpenDuplex(Methods.LeaseKeepAlive);
        await keepAlive.WriteAsync(new() { ID = 1 });
        Assert.Equal(77, (await Step(keepAlive.ReadAsync().AsTask(), "the other's answer"))!.TTL);
        LeaseTimeToLiveResponse time = await server.Channel.UnaryAsync(
            Methods.LeaseTimeToLive, new() { ID = 1, Keys = true });
        Assert.Equal((41, 77), (time.TTL, time.GrantedTTL));
        Assert.All(forwarder.Asked, static leader => Assert.Equal(new NodeId(9), leader));

        // It leads again: every lease has its whole time before it, whatever has passed.
        server.Node.Status = server.Node.Status with { Leader = leading.Id, Term = leading.Term.Next.Next };
        server.Leases.Tick();
        _clock.Advance(TimeSpan.FromSeconds(9));
        server.Leases.Tick();
        Assert.Equal(1, (await server.Channel.UnaryAsync(Methods.LeaseTimeToLive, new() { ID = 1 })).TTL + 1);
        _clock.Advance(TimeSpan.FromSeconds(1));
        server.Leases.Tick();
        Assert.Equal(-1, (await server.Channel.UnaryAsync(Methods.LeaseTimeToLive, new() { ID = 1 })).TTL);
    }

    [Fact]
    public async Task Trap25_DeposedWhileItRenews_GivesNoAnswerOfItsOwn()
    {
        FakeForwarder forwarder = new();
        TestServer server = await ServeAsync(forwarder: forwarder);
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 1, TTL = 10 });

        // The barrier succeeds, by way of the new leader; yet this node no longer leads.
        ConsensusStatus leading = server.Node.Status;
        server.Node.AtBarrier = () => server.Node.Status =
            leading with { Leader = new NodeId(9), Term = leading.Term.Next };
        ConsensusException e = await Assert.ThrowsAsync<ConsensusException>(
            () => server.Leases.KeepAliveAsync([1], CancellationToken.None));
        Assert.Equal(ConsensusFailure.NotLeader, e.Failure);
    }

    [Fact]
    public async Task KeepAlive_NoLeaderForAWhile_WaitsForOne()
    {
        TestServer server = await ServeAsync();
        await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = 1, TTL = 10 });
        NodeId self = server.Node.Status.Id;
        server.Node.Status = server.Node.Status with { Leader = NodeId.None };
        await using RpcDuplexCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> keepAlive =
            server.Channel.OpenDuplex(Methods.LeaseKeepAlive);
        await keepAlive.WriteAsync(new() { ID = 1 });
        Task<LeaseKeepAliveResponse?> answer = keepAlive.ReadAsync().AsTask();
        await server.Channel.UnaryAsync(Methods.Status, new());
        Assert.False(answer.IsCompleted);
        server.Node.Status = server.Node.Status with { Leader = self };
        Assert.Equal(10, (await Step(answer, "an answer of the new leader"))!.TTL);
    }

    [Fact]
    public async Task KeepAlive_ManyLeasesOnOneStream_AreConfirmedTogetherAndAnsweredInOrder()
    {
        const int Leases = 8;
        TestServer server = await ServeAsync();
        for (int id = 1; id <= Leases; id++)
        {
            await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = id, TTL = 10 });
        }

        TaskCompletionSource gate = new();
        server.Node.BarrierGate = gate.Task;
        using InProcessTransport here = new(server.Local, TimeProvider.System);
        await using ICoordinationStream<LeaseKeepAliveRequest, LeaseKeepAliveResponse> keepAlive =
            here.OpenDuplex(Methods.LeaseKeepAlive, new TransportCallOptions(null, true), CancellationToken.None);
        for (int id = 1; id <= Leases; id++)
        {
            await keepAlive.WriteAsync(new() { ID = id }, CancellationToken.None);
        }

        keepAlive.Complete();
        gate.SetResult();
        for (int id = 1; id <= Leases; id++)
        {
            LeaseKeepAliveResponse? answer =
                await Step(keepAlive.ReadAsync(CancellationToken.None).AsTask(), $"the keep-alive of {id} is answered");
            Assert.Equal((id, 10), (answer!.ID, answer.TTL));
        }

        // One for what came first, and one for all that came meanwhile.
        Assert.InRange(server.Node.Barriers, 1, 2);
    }

    [Fact]
    public async Task LeaseGrant_NoIdOrShortTime_GetsOneAndTheShortestTime()
    {
        TestServer server = await ServeAsync(new() { ElectionTimeout = TimeSpan.FromSeconds(4) });
        LeaseGrantResponse granted = await server.Channel.UnaryAsync(Methods.LeaseGrant, new() { TTL = -5 });
        Assert.Equal(6, granted.TTL);
        Assert.True(granted.ID > 0);
        LeaseLeasesResponse all = await server.Channel.UnaryAsync(Methods.LeaseLeases, new());
        Assert.Equal(granted.ID, Assert.Single(all.Leases).ID);
    }

    private sealed class FakeForwarder : ILeaseForwarder
    {
        public List<NodeId> Asked { get; } = [];

        public Task<IReadOnlyList<LeaseTime>> KeepAliveAsync(
            NodeId leader, IReadOnlyList<long> leaseIds, CancellationToken cancellationToken) =>
            AnswerAsync(leader, leaseIds, seconds: 77);

        public Task<IReadOnlyList<LeaseTime>> TimeToLiveAsync(
            NodeId leader, IReadOnlyList<long> leaseIds, CancellationToken cancellationToken) =>
            AnswerAsync(leader, leaseIds, seconds: 42);

        private Task<IReadOnlyList<LeaseTime>> AnswerAsync(NodeId leader, IReadOnlyList<long> leaseIds, int seconds)
        {
            Asked.Add(leader);
            return Task.FromResult<IReadOnlyList<LeaseTime>>(
                [.. leaseIds.Select(_ => new LeaseTime(TimeSpan.FromSeconds(seconds), 77))]);
        }
    }
}
