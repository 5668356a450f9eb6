using Lepton.Coordination.Client;
using Lepton.Coordination.Recipes;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Coordination.Tests.Contract;

/// <summary>Barriers.</summary>
public abstract class BarrierContract(ICoordinationServerFixture server) : ContractTest(server)
{
    [Fact]
    public async Task SignalAndWait_ManyRounds_NobodyIsAheadByMoreThanOne()
    {
        const int participants = 5, rounds = 4;
        string name = NewName();
        int[] arrived = new int[rounds];

        async Task TakePartAsync()
        {
            DistributedBarrier barrier = new(NewClient(), name, participants);
            for (int round = 0; round < rounds; round++)
            {
                Interlocked.Increment(ref arrived[round]);
                Assert.Equal(round, await barrier.SignalAndWaitAsync());
                Assert.Equal(participants, Volatile.Read(ref arrived[round]));
            }
        }

        await Step(
            Task.WhenAll(Enumerable.Range(0, participants).Select(_ => TakePartAsync())), "all pass all rounds");
        Assert.Equal(0, (await Client.RangeAsync(KeyRange.Prefix(name + "/arrivals/"))).Count);
    }

    [Fact]
    public async Task SignalAndWait_OneGoesAwayAgain_AReplacementIsWaitedFor()
    {
        DistributedBarrier barrier = new(Client, NewName(), participants: 2);
        using CancellationTokenSource away = new();
        Task<long> first = barrier.SignalAndWaitAsync(away.Token);
        await ArrivalsAsync(barrier, 1);
        await away.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Step(first, "the first goes away"));

        Task<long> second = barrier.SignalAndWaitAsync();
        await ArrivalsAsync(barrier, 1);
        Assert.False(second.IsCompleted);
        Assert.Equal(0, await Step(barrier.SignalAndWaitAsync(), "the replacement opens the barrier"));
        Assert.Equal(0, await Step(second, "the one that waited passes"));
    }

    [Fact]
    public async Task SignalAndWait_OtherNumberOfParticipants_IsRefusedWithBoth()
    {
        DistributedBarrier barrier = new(Client, NewName(), participants: 2);
        Task<long> first = barrier.SignalAndWaitAsync();
        await ArrivalsAsync(barrier, 1);
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(
            () => new DistributedBarrier(Client, barrier.Name, participants: 3).SignalAndWaitAsync());
        Assert.Contains("for 2 participants, this process for 3", e.Message, StringComparison.Ordinal);
        await barrier.SignalAndWaitAsync();
        await first;
    }

    private async Task ArrivalsAsync(DistributedBarrier barrier, int count)
    {
        KeyRange arrivals = KeyRange.Prefix(barrier.Name + "/arrivals/");
        RangeResult now = await Client.RangeAsync(arrivals);
        if (now.Count == count)
        {
            return;
        }

        await foreach (WatchBatch _ in Client.WatchAsync(
            arrivals, new WatchOptions { StartRevision = now.Revision.Next }).WithStepLimit())
        {
            if ((await Client.RangeAsync(arrivals)).Count == count)
            {
                return;
            }
        }
    }
}
