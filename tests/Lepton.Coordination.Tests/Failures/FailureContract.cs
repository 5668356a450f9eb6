using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Failures;

/// <summary>Servers that are killed and stopped under the client. Each test has a cluster of its own.</summary>
[Collection("failures")]
public abstract class FailureContract(ServerProgram program) : CoordinationTest
{
    [Fact]
    public async Task Watch_ServerKilledAndStartedAgain_GoesOnWithoutGapOrRepetition()
    {
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 1);
        using CoordinationClient client = etcd.NewClient();
        using CoordinationClient writer = etcd.NewClient(new CoordinationClientOptions { CallTimeout = Patience });
        Revision first = (await writer.PutAsync("k", "0")).Revision;
        TaskCompletionSource interrupted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        List<string> told = [];

        async Task WatchAsync()
        {
            WatchOptions options = new()
            {
                StartRevision = first, OnInterrupted = _ => interrupted.TrySetResult(),
            };
            await foreach (WatchBatch batch in client.WatchAsync("k", options).WithStepLimit())
            {
                told.AddRange(batch.Events.Select(change => change.Entry.Value.ToString()));
                if (told.Count == 9)
                {
                    return;
                }
            }
        }

        Task watching = WatchAsync();
        for (int round = 0; round < 2; round++)
        {
            await PutManyAsync(writer, 1 + (round * 4), 2);
            await etcd.Members[0].KillAsync();
            await Step(interrupted.Task, "the watch notices that its server is gone");
            etcd.Members[0].Start();
            await etcd.ServesAsync();
            await PutManyAsync(writer, 3 + (round * 4), 2);
        }

        await Step(watching, "the watch tells all that was written");
        Assert.Equal(Enumerable.Range(0, 9).Select(i => $"{i}"), told);
    }

    [Fact]
    public async Task Watch_ThreeMembers_MovesToAnotherWhenItsServerDies()
    {
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 3);
        using CoordinationClient client = etcd.NewClient(new CoordinationClientOptions { Seed = 1 });
        using CoordinationClient writer = etcd.NewClient(new CoordinationClientOptions { CallTimeout = Patience });
        Revision first = (await writer.PutAsync("k", "0")).Revision;
        string? lost = null;
        await using IAsyncEnumerator<WatchBatch> watch = client.WatchAsync("k", new WatchOptions
        {
            StartRevision = first, OnInterrupted = e => lost = e.Endpoint,
        }).WithStepLimit().GetAsyncEnumerator();
        Assert.True(await watch.MoveNextAsync());

        string used = (await client.GetStatusAsync()).Endpoint;
        int victim = etcd.Endpoints.ToList().FindIndex(endpoint => new Uri(used) == endpoint);
        await etcd.Members[victim].KillAsync();
        await PutSurelyAsync(writer, "k", "1");
        Assert.True(await watch.MoveNextAsync());
        Assert.Equal((Bytes)"1", watch.Current.Events[0].Entry.Value);
        Assert.Equal(used, lost);
        Assert.NotEqual(used, (await client.GetStatusAsync()).Endpoint);
    }

    [Fact]
    public async Task Calls_ThreeMembersOneAfterTheOtherDies_ReadsGoOnAndNoWriteIsDoneTwice()
    {
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 3);
        using CoordinationClient client = etcd.NewClient(new CoordinationClientOptions
        {
            CallTimeout = TimeSpan.FromSeconds(20),
        });
        int acknowledged = 0, open = 0;
        for (int victim = 0; victim < 3; victim++)
        {
            await etcd.Members[victim].KillAsync();
            for (int i = 0; i < 10; i++)
            {
                try
                {
                    await client.PutAsync("k", $"{victim}-{i}");
                    acknowledged++;
                }
                catch (OutcomeUnknownException e)
                {
                    open++;
                    Assert.Contains("It is not known whether the put of 'k' took effect", e.Message,
                        StringComparison.Ordinal);
                }
            }

            Assert.NotNull(await client.GetAsync("k"));
            etcd.Members[victim].Start();
            await etcd.ServesAsync();
        }

        long version = (await client.GetAsync("k"))!.Version;
        Assert.InRange(version, acknowledged, acknowledged + open);
        Assert.True(acknowledged >= 20, $"Only {acknowledged} puts were acknowledged.");
    }

    [Fact]
    public async Task Put_ServerStopped_OutcomeIsUnknownAndReadsMoveOn()
    {
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 3);
        int stopped = (await etcd.LeaderAsync() + 1) % 3;
        using CoordinationClient client = new(new CoordinationClientOptions
        {
            Endpoints = [etcd.Endpoints[stopped], .. etcd.Endpoints.Where((_, i) => i != stopped)],
            CallTimeout = TimeSpan.FromSeconds(3),
            AttemptTimeout = TimeSpan.FromSeconds(1),
            Seed = SeedFor(first: 0, of: 3),
        });
        await client.PutAsync("k", "1");
        await etcd.Members[stopped].PauseAsync();

        OutcomeUnknownException e = await Assert.ThrowsAsync<OutcomeUnknownException>(
            () => Step(client.PutAsync("k", "2"), "the put gives up"));
        Assert.Equal(etcd.Endpoints[stopped], new Uri(e.Endpoint));
        Assert.NotNull(await client.GetAsync("k"));
        await client.PutAsync("k", "3");
        await etcd.Members[stopped].ResumeAsync();
    }

    [Fact]
    public async Task Get_FirstServerStopped_NextIsAskedWithinTheCall()
    {
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 3);
        int stopped = (await etcd.LeaderAsync() + 1) % 3;
        using CoordinationClient client = new(new CoordinationClientOptions
        {
            Endpoints = [etcd.Endpoints[stopped], .. etcd.Endpoints.Where((_, i) => i != stopped)],
            AttemptTimeout = TimeSpan.FromSeconds(1),
            CallTimeout = Patience,
            Seed = SeedFor(first: 0, of: 3),
        });
        await etcd.Members[stopped].PauseAsync();
        Assert.Null(await Step(client.GetAsync("k"), "another server answers"));
        await etcd.Members[stopped].ResumeAsync();
    }

    [Fact]
    public async Task Trap28_ServersKilled_HolderIsToldByItsOwnClock()
    {
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 1);
        using CoordinationClient client = etcd.NewClient();
        LeaseSessionOptions options = new() { Ttl = TimeSpan.FromSeconds(3) };
        await using HeldLock held = await new DistributedLock(client, "l", options).AcquireAsync();
        long killedAt = TimeProvider.System.GetTimestamp();
        await etcd.Members[0].KillAsync();
        Assert.True(held.IsHeld);
        await Step(Cancelled(held.Lost), "the holder is told though no server answers");
        Assert.Equal(LeaseLoss.DeadlinePassed, held.Loss);
        Assert.InRange(TimeProvider.System.GetElapsedTime(killedAt), TimeSpan.Zero, options.Ttl + options.Ttl);
    }

    [Fact]
    public async Task Lock_ServerKilledAndBackBeforeTheLeaseEnds_IsStillHeld()
    {
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 1);
        using CoordinationClient client = etcd.NewClient();
        LeaseSessionOptions options = new() { Ttl = TimeSpan.FromSeconds(60) };
        await using LeaseSession session = await LeaseSession.StartAsync(client, options);
        HeldLock held = await new DistributedLock(session, "l").AcquireAsync();
        await etcd.Members[0].KillAsync();
        etcd.Members[0].Start();
        await etcd.ServesAsync();
        Assert.True(held.IsHeld);
        Assert.Equal(held.FencingToken, (await client.GetAsync(held.Key))!.CreateRevision);
        await held.ReleaseAsync();
        Assert.Null(await client.GetAsync(held.Key));
    }

    [Fact]
    public async Task Acquire_HoldersServerAndLeaderKilled_WaiterOnAnotherMemberGetsIt()
    {
        await using MemberCluster etcd = await MemberCluster.StartAsync(program, members: 3);
        int leader = await etcd.LeaderAsync();
        using CoordinationClient holder = etcd.NewClientOf(leader);
        using CoordinationClient waiter = etcd.NewClient(new CoordinationClientOptions { CallTimeout = Patience });
        LeaseSessionOptions options = new() { Ttl = TimeSpan.FromSeconds(3) };
        await using HeldLock held = await new DistributedLock(holder, "l", options).AcquireAsync();
        Task<HeldLock> waiting = new DistributedLock(
            waiter, "l", new LeaseSessionOptions { Ttl = TimeSpan.FromSeconds(30) }).AcquireAsync();
        await etcd.Members[leader].KillAsync();
        await using HeldLock second = await Step(waiting, "the waiter gets the lock of the holder that is cut off");
        Assert.False(held.IsHeld);
        Assert.True(second.FencingToken > held.FencingToken);
    }

    [Fact]
    public async Task Get_NobodyListens_NamesTheEndpointAndSaysWhatToDo()
    {
        using CoordinationClient client = new(new CoordinationClientOptions
        {
            Endpoints = [new Uri("http://127.0.0.1:1")], CallTimeout = TimeSpan.FromMilliseconds(300),
        });
        CoordinationException e = await Assert.ThrowsAsync<CoordinationException>(() => client.PutAsync("k", "v"));
        Assert.Equal(CoordinationFailure.Unavailable, e.Failure);
        Assert.StartsWith(
            "The put of 'k' failed: the network to http://127.0.0.1:1 failed with Unavailable: no connection came " +
            "about:", e.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "Check that the servers run and that the endpoints are theirs.", e.Message, StringComparison.Ordinal);
    }

    private static async Task PutManyAsync(CoordinationClient client, int first, int count)
    {
        for (int i = first; i < first + count; i++)
        {
            await PutSurelyAsync(client, "k", $"{i}");
        }
    }

    /// <summary>Puts a value once, whatever happens: where the outcome is not known, it looks.</summary>
    private static async Task PutSurelyAsync(CoordinationClient client, string key, string value)
    {
        try
        {
            await client.PutAsync(key, value);
        }
        catch (OutcomeUnknownException)
        {
            if ((await client.GetAsync(key))?.Value != value)
            {
                await client.PutAsync(key, value);
            }
        }
    }

    /// <summary>A seed with which a client begins with a certain endpoint.</summary>
    private static ulong SeedFor(int first, int of)
    {
        ulong seed = 0;
        while (new Lepton.Coordination.Client.Transport.Jitter(seed).Next(of) != first)
        {
            seed++;
        }

        return seed;
    }
}
