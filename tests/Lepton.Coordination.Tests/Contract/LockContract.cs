using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Locks.</summary>
public abstract class LockContract(ICoordinationServerFixture server) : ContractTest(server)
{
    private static readonly LeaseSessionOptions s_short = new() { Ttl = TimeSpan.FromSeconds(2) };

    [Fact]
    public async Task Acquire_16Contenders_OneAtATimeWithGrowingTokens()
    {
        const int contenders = 16, rounds = 4;
        string name = NewName();
        int holders = 0;
        List<long> tokens = [];

        async Task ContendAsync()
        {
            DistributedLock mutex = new(NewClient(), name);
            for (int i = 0; i < rounds; i++)
            {
                await using HeldLock held = await mutex.AcquireAsync();
                Assert.Equal(1, Interlocked.Increment(ref holders));
                tokens.Add(held.FencingToken.Value);
                await Client.PutAsync(name + "-written", held.FencingToken.ToString());
                Assert.True(held.IsHeld);
                Interlocked.Decrement(ref holders);
            }
        }

        await Step(
            Task.WhenAll(Enumerable.Range(0, contenders).Select(_ => ContendAsync())), "all get the lock in turn");
        Assert.Equal(contenders * rounds, tokens.Count);
        Assert.Equal(tokens.Distinct().Order(), tokens);
        Assert.Equal(0, (await Client.RangeAsync(KeyRange.Prefix(name + "/"))).Count);
    }

    [Fact]
    public async Task Acquire_ManyOnOneSession_KeepEachOtherOut()
    {
        await using LeaseSession session = await LeaseSession.StartAsync(Client);
        DistributedLock mutex = new(session, NewName());
        HeldLock first = await mutex.AcquireAsync();
        Task<HeldLock> second = mutex.AcquireAsync();
        Assert.Null(await mutex.TryAcquireAsync());
        Assert.False(second.IsCompleted);
        await first.ReleaseAsync();
        await using HeldLock held = await Step(second, "the second acquisition follows");
        Assert.True(held.FencingToken > first.FencingToken);
        Assert.Equal(LeaseLoss.Released, first.Loss);
        Assert.True(session.IsAlive);
    }

    [Fact]
    public async Task TryAcquire_HeldOrFree_IsNullOrHeld()
    {
        DistributedLock mutex = new(Client, NewName());
        await using (HeldLock? held = await mutex.TryAcquireAsync())
        {
            Assert.True(held!.IsHeld);
            Assert.Null(await new DistributedLock(NewClient(), mutex.Name).TryAcquireAsync());
        }

        await using HeldLock? again = await mutex.TryAcquireAsync();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task Acquire_Cancelled_LeavesTheQueue()
    {
        DistributedLock mutex = new(Client, NewName());
        HeldLock held = await mutex.AcquireAsync();
        using CancellationTokenSource impatient = new();
        Task<HeldLock> waiting = mutex.AcquireAsync(impatient.Token);
        await QueueHasAsync(mutex, 2);
        Task<HeldLock> patient = mutex.AcquireAsync();
        await QueueHasAsync(mutex, 3);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Step(waiting, "the waiter leaves"));
        await QueueHasAsync(mutex, 2);
        await held.ReleaseAsync();
        await (await Step(patient, "the one behind it gets the lock")).ReleaseAsync();
    }

    [Fact]
    public async Task Trap26_Acquire_KeyIsOnALeaseOfTheHoldersOwn()
    {
        LeaseSessionOptions options = new() { Ttl = TimeSpan.FromSeconds(17) };
        DistributedLock mutex = new(Client, NewName(), options);
        await using HeldLock held = await mutex.AcquireAsync();
        KeyValue? key = await Client.GetAsync(held.Key);
        Assert.NotEqual(LeaseId.None, key!.Lease);
        LeaseStatus? lease = await Client.GetLeaseAsync(key.Lease, withKeys: true);
        Assert.Equal(options.Ttl, lease!.GrantedTtl);
        Assert.Equal([held.Key], lease.Keys);
        Assert.Equal(held.FencingToken, key.CreateRevision);
    }

    [Fact]
    public async Task Trap27_AcquireAgain_WhileTheOldSessionsKeyIsThere_WaitsForItsEnd()
    {
        // The old session is dead on this side, and its key lives on at the server, as after a crash.
        await using LeaseSession old = await LeaseSession.StartAsync(Client, s_short);
        DistributedLock mutex = new(old, NewName());
        HeldLock first = await mutex.AcquireAsync();
        await old.StopAsync();
        Assert.False(first.IsHeld);

        DistributedLock again = new(Client, mutex.Name, s_short);
        Assert.Null(await again.TryAcquireAsync());
        await using HeldLock second = await Step(again.AcquireAsync(), "the lock is free when the old lease has ended");
        Assert.True(second.FencingToken > first.FencingToken);
        Assert.NotEqual(first.Key, second.Key);
        Assert.Null(await Client.GetAsync(first.Key));
        Assert.Null(await Client.GetLeaseAsync(old.Lease));
    }

    [Fact]
    public async Task Trap28_LeaseRevoked_HolderIsTold()
    {
        await using HeldLock held = await new DistributedLock(Client, NewName(), s_short).AcquireAsync();
        await Client.RevokeLeaseAsync((await Client.GetAsync(held.Key))!.Lease);
        await Step(Cancelled(held.Lost), "the holder is told that its lease was revoked");
        Assert.False(held.IsHeld);
        Assert.Contains(held.Loss!.Value, (LeaseLoss[])[LeaseLoss.LeaseEnded, LeaseLoss.KeyDeleted]);
        Assert.Throws<LeaseLostException>(held.ThrowIfLost);
    }

    [Fact]
    public async Task Trap28_KeyDeletedByHand_HolderIsTold()
    {
        await using HeldLock held = await new DistributedLock(Client, NewName(), s_short).AcquireAsync();
        await Client.DeleteAsync(held.Key);
        await Step(Cancelled(held.Lost), "the holder is told that its key was deleted");
        Assert.Equal(LeaseLoss.KeyDeleted, held.Loss);
    }

    [Fact]
    public async Task Trap24_LeaseEndsWhileWaiting_WaiterIsNotGrantedOnIt()
    {
        DistributedLock mutex = new(Client, NewName());
        HeldLock held = await mutex.AcquireAsync();
        await using LeaseSession session = await LeaseSession.StartAsync(NewClient(), s_short);
        Task<HeldLock> waiting = new DistributedLock(session, mutex.Name).AcquireAsync();
        await QueueHasAsync(mutex, 2);

        // Revoked, then released: whoever looks only at the queue sees it empty.
        await Client.RevokeLeaseAsync(session.Lease);
        await held.ReleaseAsync();
        LeaseLostException e = await Assert.ThrowsAsync<LeaseLostException>(
            () => Step(waiting, "the waiter whose lease has ended is refused"));
        Assert.Contains(mutex.Name, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acquire_OwnLeaseEndsWhileWaiting_GoesToTheEndOfTheQueue()
    {
        DistributedLock mutex = new(Client, NewName(), s_short);
        HeldLock held = await mutex.AcquireAsync();
        Task<HeldLock> waiting = mutex.AcquireAsync();
        IReadOnlyList<KeyValue> queue = await QueueHasAsync(mutex, 2);
        await Client.RevokeLeaseAsync(queue[1].Lease);
        await held.ReleaseAsync();
        await using HeldLock second = await Step(waiting, "the waiter gets the lock on a new lease");
        Assert.True(second.FencingToken > queue[1].CreateRevision);
    }

    [Fact]
    public async Task Release_Twice_IsReleasedOnce()
    {
        DistributedLock mutex = new(Client, NewName());
        HeldLock held = await mutex.AcquireAsync();
        await held.ReleaseAsync();
        await using HeldLock other = await mutex.AcquireAsync();
        await held.ReleaseAsync();
        await held.DisposeAsync();
        Assert.NotNull(await Client.GetAsync(other.Key));
    }

    private async Task<IReadOnlyList<KeyValue>> QueueHasAsync(DistributedLock mutex, int count)
    {
        KeyRange places = KeyRange.Prefix(mutex.Name + "/");
        RangeOptions order = new() { OrderBy = RangeOrder.CreateRevision };
        RangeResult queue = await Client.RangeAsync(places, order);
        if (queue.Count == count)
        {
            return queue.Entries;
        }

        await foreach (WatchBatch _ in Client.WatchAsync(
            places, new WatchOptions { StartRevision = queue.Revision.Next }).WithStepLimit())
        {
            queue = await Client.RangeAsync(places, order);
            if (queue.Count == count)
            {
                break;
            }
        }

        return queue.Entries;
    }
}
