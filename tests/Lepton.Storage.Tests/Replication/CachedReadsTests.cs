using Lepton.Storage.Hosting;

namespace Lepton.Storage.Tests.Replication;

/// <summary>What nodes keep of each other's blocks.</summary>
public sealed class CachedReadsTests : IAsyncDisposable
{
    private const string Bucket = "cached";
    private readonly NodeGroup _group = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task Get_ReadBefore_IsAnsweredWithoutTheNodeThatHasIt()
    {
        byte[] content = await StartAsync();
        Assert.Equal(content, await _group.GetAsync("s1", Bucket, "a"));
        Assert.Equal(content, await _group.GetAsync("s2", Bucket, "a"));
        long misses = _group["s1"].Cache.Report.Misses;
        Assert.InRange(misses, 1, 15);

        await _group.StopAsync("s2");

        Assert.Equal(content, await _group.GetAsync("s1", Bucket, "a"));
        Assert.Equal(misses, _group["s1"].Cache.Report.Misses);
        Assert.Equal(misses, _group["s1"].Cache.Report.Hits);
    }

    [Fact]
    public async Task Get_OverwrittenThroughAnother_IsTheNewOne()
    {
        await StartAsync();
        for (int version = 0; version < 5; version++)
        {
            byte[] content = Pattern.Of(1_000_000, 10 + (ulong)version);
            await _group.PutAsync("s2", Bucket, "a", content);
            Assert.Equal(content, await _group.GetAsync("s1", Bucket, "a"));
            Assert.Equal(content, await _group.GetAsync("s1", Bucket, "a"));
        }
    }

    /// <summary>Two nodes, each of which has a part of an object's 16 blocks.</summary>
    private async Task<byte[]> StartAsync()
    {
        await _group.StartAsync("s1", static options => options with { Copies = 1 });
        await _group.StartAsync("s2");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        byte[] content = Pattern.Of(1_000_000, 1);
        await _group.PutAsync("s1", Bucket, "a", content);
        return content;
    }
}
