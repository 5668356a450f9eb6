using Lepton.Compute.Datasets;

namespace Lepton.Compute.Tests.Datasets;

public sealed class CacheTests(ThreadsSession threads) : IClassFixture<ThreadsSession>
{
    private readonly LeptonSession _session = threads.Session;

    [Fact]
    public async Task Cache_SeveralActions_ComputesOnce()
    {
        Dataset<int> cached = Counted("cache once").Cache();
        Assert.Equal(12, await cached.CountAsync());
        Assert.Equal(Enumerable.Range(0, 12), await cached.ToListAsync());
        Assert.Equal(66, await cached.Select(i => i).SumAsync(i => i));
        Assert.Equal(12, Calls.Of("cache once"));
        await cached.UncacheAsync();
        Assert.Equal(12, await cached.CountAsync());
        Assert.Equal(24, Calls.Of("cache once"));
        Assert.Equal(12, await cached.CountAsync());
        Assert.Equal(24, Calls.Of("cache once"));
    }

    [Fact]
    public async Task Cache_TakenFromFirst_ComputesOnlyWhatIsMissing()
    {
        Dataset<int> cached = Counted("cache part").Cache();
        Assert.Equal(0, await cached.FirstAsync());
        Assert.Equal(3, Calls.Of("cache part"));
        Assert.Equal(12, await cached.CountAsync());
        Assert.Equal(12, Calls.Of("cache part"));
    }

    [Fact]
    public async Task Cache_BehindAShuffle_LeavesTheShuffleAlone()
    {
        Dataset<int> cached = Counted("cache shuffle").Repartition(3).Cache();
        await cached.CountAsync();
        Assert.Equal(12, await cached.Where(i => i >= 0).CountAsync());
        Assert.Equal(12, Calls.Of("cache shuffle"));
    }

    [Fact]
    public async Task Cache_SameShuffleAlsoReadAroundIt_IsMadeAgain()
    {
        Dataset<int> shuffled = Counted("cache around").Repartition(3);
        Dataset<int> cached = shuffled.Cache();
        await cached.CountAsync();
        Assert.Equal(24, await cached.Union(shuffled).CountAsync());
        Assert.Equal(24, await shuffled.Union(cached).CountAsync());
    }

    [Fact]
    public async Task Cache_ReleasedWhileItIsRead_StillGivesAll()
    {
        Dataset<int> cached = Counted("cache released").Repartition(4).Cache();
        for (int i = 0; i < 10; i++)
        {
            Task<int> sum = cached.SumAsync(n => n);
            await cached.UncacheAsync();
            Assert.Equal(66, await sum);
        }
    }

    [Fact]
    public void Cache_OfACache_IsTheSame()
    {
        Dataset<int> cached = _session.From([1]).Cache();
        Assert.Same(cached, cached.Cache());
    }

    [Fact]
    public async Task UncacheAsync_NotCached_SaysSo()
    {
        Dataset<int> data = _session.From([1, 2]).Cache().Select(i => i + 1);
        InvalidOperationException fault = await Assert.ThrowsAsync<InvalidOperationException>(data.UncacheAsync);
        Assert.Equal(
            "The data set 'Select' keeps nothing: Cache was not called last on it. Call UncacheAsync on the data set " +
            "that Cache gave.",
            fault.Message);
    }

    [Fact]
    public async Task UncacheAsync_NamedBehind_FreesTheCache()
    {
        Dataset<int> cached = Counted("named").Cache().Named("mine");
        await cached.CountAsync();
        await cached.UncacheAsync();
        await cached.CountAsync();
        Assert.Equal(24, Calls.Of("named"));
    }

    private Dataset<int> Counted(string name) =>
        _session.From(Enumerable.Range(0, 12), 4).Select(i => Calls.Note(name, i));
}
