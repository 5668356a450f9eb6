using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.Tests.Blocks;

namespace Lepton.Storage.Tests.Objects;

public sealed class ObjectStoreTests(CoordinationFixture coordination)
    : IClassFixture<CoordinationFixture>, IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly string _bucket = "bucket";
    private CoordinationClient _client = null!;
    private LoneCluster _cluster = null!;
    private BlockStore _blocks = null!;
    private ObjectStore _objects = null!;
    private BucketStore _buckets = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _client = await coordination.NewClientAsync();
        _cluster = await LoneCluster.StartAsync(_client);
        Open();
        await _buckets.CreateAsync(_bucket, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DeleteAsync(MetadataKeys.Bucket(_bucket));
        await _client.DeleteAsync(KeyRange.Prefix(MetadataKeys.ObjectsOf(_bucket)));
        await _blocks.DisposeAsync();
        _client.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(40 * 4096 + 17)]
    public async Task Put_AnySize_IsReadBackAfterARestart(int size)
    {
        byte[] content = Pattern.Of(size, 3);
        await PutAsync("a", content);
        await _blocks.DisposeAsync();
        Open();
        Assert.Equal(content, await ReadAsync("a"));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4095, 2)]
    [InlineData(5000, 20_000)]
    [InlineData(49_999, 1)]
    public async Task Read_Range_GivesTheseBytes(int from, int length)
    {
        byte[] content = Pattern.Of(50_000, 3);
        await PutAsync("a", content);
        Assert.Equal(content[from..(from + length)], await ReadAsync("a", from, length));
    }

    [Fact]
    public async Task Put_WithConditions_HoldsThem()
    {
        ObjectRecord first = await PutAsync("a", [1]);
        StoreException e = await Assert.ThrowsAsync<StoreException>(
            () => PutAsync("a", [2], new WriteCondition(MustBeAbsent: true, null)));
        Assert.Equal(StoreFailure.PreconditionFailed, e.Failure);
        await Assert.ThrowsAsync<StoreException>(() => PutAsync("a", [2], new WriteCondition(false, "other")));
        await PutAsync("a", [2], new WriteCondition(false, first.ETag));
        Assert.Equal([2], await ReadAsync("a"));
    }

    [Fact]
    public async Task Put_ManyAtOnceIfAbsent_OneWins()
    {
        int[] won = await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await PutAsync("a", [(byte)i], new WriteCondition(MustBeAbsent: true, null));
                return i;
            }
            catch (StoreException)
            {
                return -1;
            }
        }));
        int winner = Assert.Single(won, static i => i >= 0);
        Assert.Equal([(byte)winner], await ReadAsync("a"));
    }

    [Fact]
    public async Task Collect_AfterDeleteAndOverwrite_FreesTheirBlocksOnly()
    {
        byte[] kept = Pattern.Of(400_000, 1);
        await PutAsync("kept", kept);
        await PutAsync("deleted", Pattern.Of(400_000, 2));
        await PutAsync("replaced", Pattern.Of(400_000, 3));
        await PutAsync("replaced", [1]);
        await _objects.CopyAsync((_bucket, "kept"), _bucket, "copy", null, _ => { }, WriteCondition.None, Cancellation);
        await _objects.DeleteAsync(_bucket, "deleted", WriteCondition.None, Cancellation);
        await _objects.DeleteAsync(_bucket, "kept", WriteCondition.None, Cancellation);
        await _blocks.RollAsync(Cancellation);
        _time.Advance(TimeSpan.FromHours(2));

        long freed = await NewCollector().RunAsync(Cancellation);

        Assert.InRange(freed, 800_000, 1_000_000);
        Assert.Equal(kept, await ReadAsync("copy"));
        Assert.Equal([1], await ReadAsync("replaced"));
    }

    [Fact]
    public async Task Open_ThenDeletedAndCollected_ReadsToItsEnd()
    {
        byte[] content = Pattern.Of(400_000, 1);
        await PutAsync("a", content);
        await _blocks.RollAsync(Cancellation);
        using ObjectReader reader = await _objects.OpenAsync(_bucket, "a", Cancellation);
        await _objects.DeleteAsync(_bucket, "a", WriteCondition.None, Cancellation);
        _time.Advance(TimeSpan.FromHours(2));
        await NewCollector().RunAsync(Cancellation);
        Assert.Equal(content, await ReadAsync(reader, 0, content.Length));
    }

    [Fact]
    public async Task Open_BlockDamaged_IsRefusedNotServed()
    {
        await PutAsync("a", Pattern.Of(10_000, 1));
        string segment = Directory.GetFiles(_folder.Path, "*.seg")[0];
        using (FileStream file = new(segment, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = 5000;
            file.Write([1, 2, 3]);
        }

        BlockException e = await Assert.ThrowsAsync<BlockException>(() => ReadAsync("a"));
        Assert.Equal(BlockFailure.Damaged, e.Failure);
    }

    [Fact]
    public async Task DeleteBucket_WithObjects_IsRefused()
    {
        await PutAsync("a", [1]);
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => _buckets.DeleteAsync(_bucket, Cancellation));
        Assert.Equal(StoreFailure.BucketNotEmpty, e.Failure);
        await _objects.DeleteAsync(_bucket, "a", WriteCondition.None, Cancellation);
        await _buckets.DeleteAsync(_bucket, Cancellation);
        e = await Assert.ThrowsAsync<StoreException>(() => PutAsync("a", [1]));
        Assert.Equal(StoreFailure.NoSuchBucket, e.Failure);
    }

    [Theory]
    [InlineData("", "", new[] { "a", "a/1", "a/2/x", "a/2/y", "b", "ä" }, new string[0])]
    [InlineData("", "/", new[] { "a", "b", "ä" }, new[] { "a/" })]
    [InlineData("a/", "/", new[] { "a/1" }, new[] { "a/2/" })]
    [InlineData("c", "/", new string[0], new string[0])]
    public async Task List_AnyPageSize_TellsAllOnce(string prefix, string delimiter, string[] keys, string[] prefixes)
    {
        foreach (string key in new[] { "b", "a/2/y", "a", "ä", "a/1", "a/2/x" })
        {
            await PutAsync(key, [1]);
        }

        for (int size = 1; size < 8; size++)
        {
            List<string> listed = [];
            List<string> common = [];
            ListPage page;
            string after = "";
            do
            {
                page = await new KeyListing(
                    _objects.Metadata, MetadataKeys.ObjectsOf(_bucket), new ListQuery(prefix, delimiter, after, size))
                    .RunAsync(Cancellation);
                listed.AddRange(page.Entries.Select(entry => entry.Key));
                common.AddRange(page.CommonPrefixes);
                after = page.Last ?? "";
            }
            while (page.IsTruncated);

            Assert.Equal(keys, listed);
            Assert.Equal(prefixes, common);
        }
    }

    private GarbageCollector NewCollector() => new(_objects.Metadata, _objects.Contents, TimeSpan.Zero, _time);

    private void Open()
    {
        _blocks = BlockStore.Open(new BlockStoreOptions { Directory = _folder.Path, TimeProvider = _time });
        ObjectStoreOptions options = new() { BlockBytes = 4096, TimeProvider = _time };
        ContentStore contents = new(_cluster.Of(_blocks), options);
        _objects = new ObjectStore(new CoordinationMetadata(_client), contents, options);
        _buckets = new BucketStore(_objects.Metadata, _time);
    }

    private async Task<ObjectRecord> PutAsync(string key, byte[] content, WriteCondition condition = default)
    {
        using MemoryStream source = new(content);
        using BlockUpload upload = await _objects.Contents.StoreAsync(source, content.Length, [], Cancellation);
        return await _objects.PutAsync(_bucket, key, upload, AttributesRecord.Empty, condition, Cancellation);
    }

    private async Task<byte[]> ReadAsync(string key, int from = 0, int length = -1)
    {
        using ObjectReader reader = await _objects.OpenAsync(_bucket, key, Cancellation);
        return await ReadAsync(reader, from, length < 0 ? (int)reader.Size : length);
    }

    private static async Task<byte[]> ReadAsync(ObjectReader reader, int from, int length)
    {
        using MemoryStream read = new();
        await reader.CopyAsync(from, length, bytes =>
        {
            read.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }, Cancellation);
        return read.ToArray();
    }
}
