using System.Diagnostics.CodeAnalysis;
using Lepton.Coordination.Client;
using Lepton.Coordination.Client.Transport;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Contract;
using Lepton.Coordination.Tests.Servers;
using Lepton.Rpc.Client;

namespace Lepton.Coordination.Tests.Client;

/// <summary>What becomes of calls whose request or answer is lost on the way to a real server.</summary>
[SuppressMessage("Design", "CA1001", Justification = "xunit disposes it through IAsyncLifetime.")]
public sealed class LostAnswerTests(EtcdFixture etcd) : ContractTest(etcd)
{
    private readonly EtcdFixture _etcd = etcd;
    private FaultyTransport _way = null!;

    /// <summary>Gives calls up soon.</summary>
    private static CoordinationClientOptions Hasty => new() { CallTimeout = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task Put_AnswerLost_IsNotSentAgainAndSaysSo()
    {
        using CoordinationClient client = NewFaultyClient();
        string key = NewName();
        _way.Plan("Put", FaultyTransport.Kind.AnswerLost);
        OutcomeUnknownException e = await Assert.ThrowsAsync<OutcomeUnknownException>(() => client.PutAsync(key, "x"));
        Assert.Equal(CoordinationFailure.OutcomeUnknown, e.Failure);
        Assert.Equal(1, (await client.GetAsync(key))!.Version);
    }

    [Fact]
    public async Task Put_NeverReachedTheServer_IsSentAgain()
    {
        using CoordinationClient client = NewFaultyClient();
        string key = NewName();
        _way.Plan("Put", FaultyTransport.Kind.NeverReached, times: 3);
        await client.PutAsync(key, "x");
        Assert.Equal(1, (await client.GetAsync(key))!.Version);
    }

    [Fact]
    public async Task Range_AnswersLost_IsAskedAgain()
    {
        using CoordinationClient client = NewFaultyClient();
        string key = NewName();
        await client.PutAsync(key, "x");
        _way.Plan("Range", FaultyTransport.Kind.AnswerLost, times: 3);
        Assert.NotNull(await client.GetAsync(key));
    }

    [Fact]
    public async Task GrantLease_AnswerLost_IsTheSameLease()
    {
        using CoordinationClient client = NewFaultyClient();
        _way.Plan("LeaseGrant", FaultyTransport.Kind.AnswerLost, times: 2);
        LeaseGrant lease = await client.GrantLeaseAsync(TimeSpan.FromMinutes(1));
        Assert.NotNull(await client.GetLeaseAsync(lease.Id));
        Assert.True(await client.RevokeLeaseAsync(lease.Id));
    }

    [Fact]
    public async Task AcquireAndRelease_AnswersLost_LeaveOnePlaceAndThenNone()
    {
        using CoordinationClient client = NewFaultyClient();
        await using LeaseSession session = await LeaseSession.StartAsync(client);
        DistributedLock mutex = new(session, NewName());
        _way.Plan("Txn", FaultyTransport.Kind.AnswerLost, times: 2);
        HeldLock held = await mutex.AcquireAsync();
        KeyValue place = Assert.Single((await Client.RangeAsync(KeyRange.Prefix(mutex.Name + "/"))).Entries);
        Assert.Equal(held.FencingToken, place.CreateRevision);
        _way.Plan("Txn", FaultyTransport.Kind.AnswerLost, times: 2);
        await held.ReleaseAsync();
        Assert.Null(await Client.GetAsync(held.Key));
    }

    [Fact]
    public async Task Semaphore_AnswersLost_OnePermitIsTaken()
    {
        using CoordinationClient client = NewFaultyClient();
        DistributedSemaphore semaphore = new(client, NewName(), permits: 1);
        _way.Plan("Txn", FaultyTransport.Kind.AnswerLost, times: 1);
        await using HeldPermit permit = await semaphore.AcquireAsync();
        _way.Plan("LeaseRevoke", FaultyTransport.Kind.AnswerLost, times: 1);
        KeyValue holder = Assert.Single((await Client.RangeAsync(KeyRange.Prefix(semaphore.Name + "/"))).Entries);
        Assert.Equal(permit.Revision, holder.CreateRevision);
    }

    [Fact]
    public async Task Counter_AnswerLost_IsNotAddedTwice()
    {
        using CoordinationClient client = NewFaultyClient();
        DistributedCounter counter = new(client, NewName());
        _way.Plan("Txn", FaultyTransport.Kind.AnswerLost);
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => counter.AddAsync(1));
        Assert.Equal(1, await counter.GetAsync());
    }

    [Fact]
    public async Task Barrier_OpenedWhileTheAnswerWasLost_IsPassedAndNotWaitedForAgain()
    {
        using CoordinationClient client = NewFaultyClient();
        DistributedBarrier barrier = new(client, NewName(), participants: 2);
        _way.Plan("Txn", FaultyTransport.Kind.AnswerLost, meanwhile: () =>
            new DistributedBarrier(Client, barrier.Name, participants: 2).SignalAndWaitAsync());
        Assert.Equal(0, await Step(barrier.SignalAndWaitAsync(), "both have arrived, so both pass"));
    }

    [Fact]
    public async Task Register_NoAnswerToAnAttempt_TheNextTakesItsEntryForItsOwn()
    {
        using CoordinationClient client = NewFaultyClient(Hasty);
        string prefix = NewName();
        ServiceRegistry registry = new(client, prefix);
        ServiceInstance instance = new("api", "a", "one");
        LeaseSessionOptions longer = new() { Ttl = TimeSpan.FromMinutes(5) };
        LoseAllUntilLease(2);
        await Assert.ThrowsAnyAsync<CoordinationException>(() => registry.RegisterAsync(instance, longer));
        Assert.Single((await new ServiceRegistry(Client, prefix).FindAsync("api")).Instances);
        await using ServiceRegistration registration = await registry.RegisterAsync(instance, longer);
        Assert.True(registration.IsListed);
    }

    [Fact]
    public async Task Register_LeaseLostAndNoAnswerToAnAttempt_IsListedAgainAllTheSame()
    {
        using CoordinationClient client = NewFaultyClient(Hasty);
        string prefix = NewName();
        await using ServiceRegistration registration = await new ServiceRegistry(client, prefix).RegisterAsync(
            new ServiceInstance("api", "a", "one"), new LeaseSessionOptions { Ttl = TimeSpan.FromSeconds(2) });
        KeyValue first = (await Client.GetAsync($"{prefix}/api/a"))!;
        LoseAllUntilLease(2);
        await Client.RevokeLeaseAsync(first.Lease);

        // It is put by the attempt that has no answer, and again by the next one, on the lease that is kept alive.
        int puts = 0;
        await foreach (WatchBatch batch in Client.WatchAsync(
            first.Key, new WatchOptions { StartRevision = first.ModRevision.Next }).WithStepLimit())
        {
            puts += batch.Events.Count(told => told.Kind == WatchEventKind.Put);
            if (puts == 2)
            {
                break;
            }
        }

        Assert.Null(registration.Conflict);
    }

    [Fact]
    public async Task Trap27_ReleaseFails_TheSessionDeletesTheKeyLater()
    {
        using CoordinationClient client = NewFaultyClient(new CoordinationClientOptions
        {
            CallTimeout = TimeSpan.FromMilliseconds(200),
        });
        await using LeaseSession session = await LeaseSession.StartAsync(
            client, new LeaseSessionOptions { Ttl = TimeSpan.FromSeconds(1) });
        DistributedLock mutex = new(session, NewName());
        HeldLock held = await mutex.AcquireAsync();
        _way.Plan("Txn", FaultyTransport.Kind.NeverReached, times: 20);
        await Assert.ThrowsAsync<CoordinationException>(() => held.ReleaseAsync());

        // The key hangs on a lease that is alive and stays so: without a second try it would be there for good.
        await using HeldLock next = await Step(
            new DistributedLock(Client, mutex.Name).AcquireAsync(), "the lock is free once the server can be told");
        Assert.True(session.IsAlive);
    }

    [Fact]
    public async Task Acquire_ChainOfWaiters_EachIsWokenOnceByItsPredecessorAlone()
    {
        const int waiters = 5;
        string name = NewName();
        HeldLock held = await new DistributedLock(Client, name).AcquireAsync();
        List<(FaultyTransport Way, CoordinationClient Client, Task<HeldLock> Waiting)> queue = [];
        for (int i = 0; i < waiters; i++)
        {
            CoordinationClient client = NewFaultyClient();
            queue.Add((_way, client, new DistributedLock(client, name).AcquireAsync()));
            await QueueHasAsync(name, i + 2);
        }

        foreach ((_, _, Task<HeldLock> waiting) in queue)
        {
            await held.ReleaseAsync();
            held = await Step(waiting, "the next of the queue gets the lock");
        }

        await held.ReleaseAsync();

        // One transaction to join, one to see that it is alone, and one before where it found a predecessor.
        Assert.All(queue, waiter => Assert.InRange(waiter.Way.Txns, 2, 3));
        queue.ForEach(waiter => waiter.Client.Dispose());
    }

    private async Task QueueHasAsync(string name, int count)
    {
        KeyRange places = KeyRange.Prefix(name + "/");
        RangeResult queue = await Client.RangeAsync(places);
        await using IAsyncEnumerator<WatchBatch> watch = Client.WatchAsync(
            places, new WatchOptions { StartRevision = queue.Revision.Next }).WithStepLimit().GetAsyncEnumerator();
        while (queue.Count != count)
        {
            Assert.True(await watch.MoveNextAsync());
            queue = await Client.RangeAsync(places);
        }
    }

    /// <summary>Until a lease is granted for the so manieth time, transactions have no answer, and no lease can be
    /// ended.</summary>
    private void LoseAllUntilLease(int grants)
    {
        int granted = 0;
        _way.Decide = method =>
        {
            granted += method == "LeaseGrant" ? 1 : 0;
            return granted >= grants ? null
                : method == "Txn" ? FaultyTransport.Kind.AnswerLost
                : method == "LeaseRevoke" ? FaultyTransport.Kind.NeverReached
                : null;
        };
    }

    private CoordinationClient NewFaultyClient(CoordinationClientOptions? options = null)
    {
        _way = new FaultyTransport(new GrpcTransport(_etcd.Endpoint, new RpcChannelOptions()));
        return new CoordinationClient(options ?? new CoordinationClientOptions(), [_way]);
    }
}
