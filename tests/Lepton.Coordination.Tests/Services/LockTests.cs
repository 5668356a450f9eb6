using Lepton.Coordination.Protocol;
using Lepton.Rpc;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Services;

/// <summary>Locks and elections where several callers want the same.</summary>
public sealed class LockTests : ServiceTest
{
    [Fact]
    public async Task Lock_SeveralWaiters_GetItInTheOrderOfTheirCalls()
    {
        const int Callers = 5;
        TestServer server = await ServeAsync();
        List<Task<LockResponse>> calls = [];
        for (int i = 1; i <= Callers; i++)
        {
            await GrantAsync(server, i);
            calls.Add(server.Channel.UnaryAsync(Methods.Lock, Ask(i)));
            await WaitersAsync(server, i);
        }

        for (int i = 1; i <= Callers; i++)
        {
            LockResponse held = await Step(calls[i - 1], $"caller {i} gets the lock");
            Assert.Equal($"l/{i}", held.Key.ToStringUtf8());
            Assert.All(calls.Skip(i), static later => Assert.False(later.IsCompleted));
            await server.Channel.UnaryAsync(Methods.Unlock, new() { Key = held.Key });
        }
    }

    [Fact]
    public async Task Trap24_LeaseEndsWhileWaiting_IsNotGranted()
    {
        TestServer server = await ServeAsync();
        await GrantAsync(server, 1);
        await GrantAsync(server, 2);
        LockResponse held = await server.Channel.UnaryAsync(Methods.Lock, Ask(1));
        Task<LockResponse> waiting = server.Channel.UnaryAsync(Methods.Lock, Ask(2));
        await WaitersAsync(server, 2);
        await server.Channel.UnaryAsync(Methods.LeaseRevoke, new() { ID = 2 });
        await FailsAsync(waiting, StatusCode.Unknown, "mutex: session is expired");
        await server.Channel.UnaryAsync(Methods.Unlock, new() { Key = held.Key });
        await WaitersAsync(server, 0);
    }

    [Fact]
    public async Task Trap24_BothLeasesEndTogether_IsNotGranted()
    {
        TestServer server = await ServeAsync();
        await GrantAsync(server, 1);
        await GrantAsync(server, 2);
        await server.Channel.UnaryAsync(Methods.Lock, Ask(1));
        Task<LockResponse> waiting = server.Channel.UnaryAsync(Methods.Lock, Ask(2));
        await WaitersAsync(server, 2);

        // One revision takes the holder's key and the waiter's: the waiter sees its predecessor gone, and so is it.
        await server.Channel.UnaryAsync(
            Methods.DeleteRange, new DeleteRangeRequest { Key = Bytes("l/"), RangeEnd = Bytes("l0") });
        await FailsAsync(waiting, StatusCode.Unknown, "mutex: session is expired");
    }

    [Fact]
    public async Task Trap26_LockOrCampaignWithoutLease_IsRefused()
    {
        const string Refused = "etcdserver: lease is not provided: a lock or a campaign needs one that its caller " +
            "keeps alive, or it would be lost unnoticed";
        TestServer server = await ServeAsync();
        await FailsAsync(server.Channel.UnaryAsync(Methods.Lock, Ask(0)), StatusCode.InvalidArgument, Refused);
        await FailsAsync(server.Channel.UnaryAsync(Methods.Campaign, new() { Name = Bytes("l") }),
            StatusCode.InvalidArgument, Refused);
        await WaitersAsync(server, 0);
    }

    [Fact]
    public async Task Lock_NoSuchLease_IsRefused()
    {
        TestServer server = await ServeAsync();
        await FailsAsync(server.Channel.UnaryAsync(Methods.Lock, Ask(404)), StatusCode.NotFound,
            "etcdserver: requested lease not found");
        await FailsAsync(server.Channel.UnaryAsync(Methods.Unlock, new()), StatusCode.InvalidArgument,
            "etcdserver: key is not provided");
    }

    [Fact]
    public async Task Lock_WaiterGivesUp_LeavesTheQueue()
    {
        TestServer server = await ServeAsync();
        for (int i = 1; i <= 3; i++)
        {
            await GrantAsync(server, i);
        }

        LockResponse held = await server.Channel.UnaryAsync(Methods.Lock, Ask(1));
        using CancellationTokenSource impatience = new();
        Task<LockResponse> second = server.Channel.UnaryAsync(
            Methods.Lock, Ask(2), cancellationToken: impatience.Token);
        await WaitersAsync(server, 2);
        Task<LockResponse> third = server.Channel.UnaryAsync(Methods.Lock, Ask(3));
        await WaitersAsync(server, 3);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => Step(second, "the second ends"));
        await WaitersAsync(server, 2);
        Assert.False(third.IsCompleted);
        await server.Channel.UnaryAsync(Methods.Unlock, new() { Key = held.Key });
        Assert.Equal("l/3", (await Step(third, "the third gets the lock")).Key.ToStringUtf8());
    }

    [Fact]
    public async Task Lock_SameLeaseGivesUpASecondCall_KeepsThePlace()
    {
        TestServer server = await ServeAsync();
        await GrantAsync(server, 1);
        await GrantAsync(server, 2);
        LockResponse held = await server.Channel.UnaryAsync(Methods.Lock, Ask(1));
        Task<LockResponse> first = server.Channel.UnaryAsync(Methods.Lock, Ask(2));
        await WaitersAsync(server, 2);
        using CancellationTokenSource impatience = new();
        Task<LockResponse> again = server.Channel.UnaryAsync(
            Methods.Lock, Ask(2), cancellationToken: impatience.Token);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => Step(again, "the second call ends"));
        await server.Channel.UnaryAsync(Methods.Unlock, new() { Key = held.Key });
        Assert.Equal("l/2", (await Step(first, "the first call gets the lock")).Key.ToStringUtf8());
    }

    [Fact]
    public async Task Lock_CalledAgainAndTheFirstCallGivesUp_KeepsThePlace()
    {
        TestServer server = await ServeAsync();
        await GrantAsync(server, 1);
        await GrantAsync(server, 2);
        LockResponse held = await server.Channel.UnaryAsync(Methods.Lock, Ask(1));
        using CancellationTokenSource impatience = new();
        Task<LockResponse> first = server.Channel.UnaryAsync(
            Methods.Lock, Ask(2), cancellationToken: impatience.Token);
        await WaitersAsync(server, 2);
        Task<LockResponse> again = server.Channel.UnaryAsync(Methods.Lock, Ask(2));
        await VersionAsync(server, "l/2", 2);
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => Step(first, "the first call ends"));
        await server.Channel.UnaryAsync(Methods.Unlock, new() { Key = held.Key });
        Assert.Equal("l/2", (await Step(again, "the second call gets the lock")).Key.ToStringUtf8());
        await WaitersAsync(server, 1);
    }

    [Fact]
    public async Task Lock_BothCallsOfALeaseGiveUp_LeaveTheQueue()
    {
        TestServer server = await ServeAsync();
        await GrantAsync(server, 1);
        await GrantAsync(server, 2);
        await server.Channel.UnaryAsync(Methods.Lock, Ask(1));
        using CancellationTokenSource first = new();
        using CancellationTokenSource second = new();
        Task<LockResponse> call = server.Channel.UnaryAsync(Methods.Lock, Ask(2), cancellationToken: first.Token);
        await WaitersAsync(server, 2);
        Task<LockResponse> again = server.Channel.UnaryAsync(Methods.Lock, Ask(2), cancellationToken: second.Token);
        await VersionAsync(server, "l/2", 2);
        int proposals = server.Node.Proposals;
        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => Step(call, "the first call ends"));
        while (server.Node.Proposals == proposals)
        {
            await Task.Yield();
        }

        await second.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => Step(again, "the second call ends"));
        await WaitersAsync(server, 1);
    }

    [Fact]
    public async Task Lock_AgainWhileItIsHeld_IsHeld()
    {
        TestServer server = await ServeAsync();
        await GrantAsync(server, 1);
        LockResponse held = await server.Channel.UnaryAsync(Methods.Lock, Ask(1));
        LockResponse again = await server.Channel.UnaryAsync(Methods.Lock, Ask(1));
        Assert.Equal((held.Key, held.Header.Revision), (again.Key, again.Header.Revision));
    }

    [Fact]
    public async Task Observe_LeadersComeAndGo_TellsEach()
    {
        TestServer server = await ServeAsync();
        await GrantAsync(server, 1);
        await GrantAsync(server, 2);
        using CancellationTokenSource enough = new();
        await using IAsyncEnumerator<LeaderResponse> leaders = server.Channel
            .ServerStreaming(Methods.Observe, new LeaderRequest { Name = Bytes("e") }, cancellationToken: enough.Token)
            .GetAsyncEnumerator();
        ValueTask<bool> next = leaders.MoveNextAsync();
        CampaignResponse won = await server.Channel.UnaryAsync(
            Methods.Campaign, new() { Name = Bytes("e"), Lease = 1, Value = Bytes("one") });
        Task<CampaignResponse> waiting = server.Channel.UnaryAsync(
            Methods.Campaign, new() { Name = Bytes("e"), Lease = 2, Value = Bytes("two") });
        Assert.True(await Step(next.AsTask(), "the first leader is told"));
        Assert.Equal("one", leaders.Current.Kv.Value.ToStringUtf8());
        await server.Channel.UnaryAsync(Methods.Proclaim, new() { Leader = won.Leader, Value = Bytes("uno") });
        Assert.True(await Step(leaders.MoveNextAsync().AsTask(), "the new value is told"));
        Assert.Equal("uno", leaders.Current.Kv.Value.ToStringUtf8());
        await server.Channel.UnaryAsync(Methods.Resign, new() { Leader = won.Leader });
        Assert.Equal(2, (await Step(waiting, "the second one is elected")).Leader.Lease);
        Assert.True(await Step(leaders.MoveNextAsync().AsTask(), "the second leader is told"));
        Assert.Equal("two", leaders.Current.Kv.Value.ToStringUtf8());
        await enough.CancelAsync();
    }

    private static LockRequest Ask(long lease) => new() { Name = Bytes("l"), Lease = lease };

    private static Task<LeaseGrantResponse> GrantAsync(TestServer server, long id) =>
        server.Channel.UnaryAsync(Methods.LeaseGrant, new() { ID = id, TTL = 100 });

    /// <summary>Returns when a key was put so many times.</summary>
    private static async Task VersionAsync(TestServer server, string key, long version)
    {
        while ((await server.Channel.UnaryAsync(Methods.Range, Get(key))).Kvs.Single().Version != version)
        {
            await Task.Yield();
        }
    }

    /// <summary>Returns when so many stand in the queue for the lock.</summary>
    private static async Task WaitersAsync(TestServer server, int count)
    {
        RangeRequest request = new() { Key = Bytes("l/"), RangeEnd = Bytes("l0"), CountOnly = true };
        while ((await server.Channel.UnaryAsync(Methods.Range, request)).Count != count)
        {
            await Task.Yield();
        }
    }
}
