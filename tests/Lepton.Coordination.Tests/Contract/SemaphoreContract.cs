using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Semaphores.</summary>
public abstract class SemaphoreContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task Acquire_ManyContenders_NeverMoreThanThePermits()
    {
        const int permits = 3, contenders = 9, rounds = 3;
        string name = NewName();
        int holders = 0;

        async Task ContendAsync()
        {
            DistributedSemaphore semaphore = new(NewClient(), name, permits);
            for (int i = 0; i < rounds; i++)
            {
                await using HeldPermit permit = await semaphore.AcquireAsync();
                Assert.InRange(Interlocked.Increment(ref holders), 1, permits);
                await Client.PutAsync(name + "-used", "x");
                Interlocked.Decrement(ref holders);
            }
        }

        await Step(
            Task.WhenAll(Enumerable.Range(0, contenders).Select(_ => ContendAsync())), "all get a permit in turn");
        Assert.Equal(0, (await Client.RangeAsync(KeyRange.Prefix(name + "/"))).Count);
    }

    [Fact]
    public async Task Acquire_AnyHolderReleases_FirstWaiterGetsIt()
    {
        DistributedSemaphore semaphore = new(Client, NewName(), permits: 2);
        await using HeldPermit first = await semaphore.AcquireAsync();
        HeldPermit second = await semaphore.AcquireAsync();
        Task<HeldPermit> third = semaphore.AcquireAsync();
        await second.ReleaseAsync();
        await using HeldPermit held = await Step(third, "the waiter gets the permit of the holder that came last");
        Assert.True(first.IsHeld && held.IsHeld && !second.IsHeld);
    }

    [Fact]
    public async Task Acquire_OtherNumberOfPermits_IsRefusedWithBoth()
    {
        DistributedSemaphore semaphore = new(Client, NewName(), permits: 2);
        await using HeldPermit held = await semaphore.AcquireAsync();
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new DistributedSemaphore(Client, semaphore.Name, permits: 5).AcquireAsync());
        Assert.Contains("has 2 permits, this process says 5", e.Message, StringComparison.Ordinal);
        Assert.Equal(1, (await Client.RangeAsync(KeyRange.Prefix(semaphore.Name + "/"))).Count);
    }
}
