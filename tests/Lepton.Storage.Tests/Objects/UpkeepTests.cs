using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Hosting;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.Tests.Blocks;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Storage.Tests.Objects;

/// <summary>Writes and upkeep over metadata that changes or fails meanwhile.</summary>
public sealed class UpkeepTests(CoordinationFixture coordination) : IClassFixture<CoordinationFixture>, IAsyncLifetime
{
    private const string Bucket = "upkeep";
    private readonly TestFolder _folder = new();
    private readonly ManualTime _time = new();
    private CoordinationClient _client = null!;
    private MetadataProxy _metadata = null!;
    private LoneCluster _cluster = null!;
    private BlockStore _blocks = null!;
    private ObjectStore _objects = null!;
    private UploadStore _uploads = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _client = await coordination.NewClientAsync();
        _metadata = new MetadataProxy(new CoordinationMetadata(_client));
        _cluster = await LoneCluster.StartAsync(_client);
        _blocks = BlockStore.Open(new BlockStoreOptions { Directory = _folder.Path, TimeProvider = _time });
        ObjectStoreOptions options = new() { BlockBytes = 4096, TimeProvider = _time };
        _objects = new ObjectStore(_metadata, new ContentStore(_cluster.Of(_blocks), options), options);
        _uploads = new UploadStore(_objects);
        await new BucketStore(_metadata, _time).CreateAsync(Bucket, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DeleteAsync(KeyRange.Prefix(MetadataKeys.Root));
        await _blocks.DisposeAsync();
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task AbortForgotten_MoreThanOnePage_EndsThemAll()
    {
        for (int i = 0; i < 5; i++)
        {
            await _uploads.BeginAsync(Bucket, $"k{i}", AttributesRecord.Empty, null, false, Cancellation);
        }

        _time.Advance(TimeSpan.FromDays(8));
        _metadata.PageKeysMax = 2;
        Assert.Equal(5, await _uploads.AbortForgottenAsync(Cancellation));
    }

    [Fact]
    public async Task Run_UploadsCanNotBeListed_GarbageIsCollectedAllTheSame()
    {
        await PutAsync("a", Pattern.Of(10_000, 1));
        await _objects.DeleteAsync(Bucket, "a", WriteCondition.None, Cancellation);
        await _blocks.RollAsync(Cancellation);
        _time.Advance(TimeSpan.FromHours(2));
        _metadata.FailingRange = MetadataKeys.AllUploads;
        await using StorageUpkeep upkeep = new(
            NewCollector(_objects), _uploads, TimeSpan.Zero, _time, NullLogger.Instance);
        await upkeep.RunOnceAsync();
        Assert.Equal(0, _blocks.Count);
    }

    [Fact]
    public async Task Collect_ListsOfBlocksRotten_NamesAllTheirObjects()
    {
        await PutAsync("one", Pattern.Of(200_000, 1));
        await PutAsync("two", Pattern.Of(200_000, 2));
        await PutAsync("small", [1]);
        foreach (string key in new[] { "one", "two" })
        {
            BlockRef manifest = (await _objects.FindAsync(Bucket, key, Cancellation)).Record.Content.Refs[0];
            BlockLocation at = _blocks.Index.Find(manifest.Id)!.Value;
            at.Segment.File.Write([new byte[] { 1, 2, 3 }], at.Offset + SegmentFormat.RecordHeaderSize);
        }

        BlockException e = await Assert.ThrowsAsync<BlockException>(
            () => NewCollector(_objects).RunAsync(Cancellation));
        Assert.Contains($"'{Bucket}/one'", e.Message, StringComparison.Ordinal);
        Assert.Contains($"'{Bucket}/two'", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("small", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_SameContentComesBetween_HoldsItsConditionAndIsTriedAgain()
    {
        ObjectRecord first = await PutAsync("a", [1]);
        _metadata.BeforeCommit = () => PutAsync("a", [1]);
        await PutAsync("a", [2], new WriteCondition(false, first.ETag));
        Assert.Equal(1, (await _objects.FindAsync(Bucket, "a", Cancellation)).Record.Content.Size);

        ObjectRecord second = (await _objects.FindAsync(Bucket, "a", Cancellation)).Record;
        Assert.NotEqual(first.ETag, second.ETag);
        _metadata.BeforeCommit = () => PutAsync("a", [3]);
        StoreException e = await Assert.ThrowsAsync<StoreException>(
            () => PutAsync("a", [4], new WriteCondition(false, second.ETag)));
        Assert.Equal(StoreFailure.PreconditionFailed, e.Failure);
    }

    [Fact]
    public async Task Put_CallerGoesWhileItIsCommitted_IsCommitted()
    {
        using CancellationTokenSource gone = new();
        _metadata.BeforeCommit = gone.CancelAsync;
        await PutAsync("a", [1], default, gone.Token);
        await _objects.FindAsync(Bucket, "a", Cancellation);
    }

    [Fact]
    public async Task Find_KeyOfTheWrongFormOrMissing_HardlyAsksTheStore()
    {
        AccessKeys keys = new(_metadata, SecretBox.OpenOrCreate(_folder.Child("secret.key")), _time);
        int before = _metadata.Gets;
        Assert.Null(await keys.FindAsync("NOBODY", Cancellation));
        Assert.Null(await keys.FindAsync(new string('A', 100_000), Cancellation));
        Assert.Equal(before, _metadata.Gets);
        AccessKey unknown = AccessKeys.New([], mayWrite: true);
        Assert.Null(await keys.FindAsync(unknown.Id, Cancellation));
        Assert.Null(await keys.FindAsync(unknown.Id, Cancellation));
        Assert.Equal(before + 1, _metadata.Gets);
        _time.Advance(TimeSpan.FromSeconds(2));
        await keys.AddAsync(unknown, Cancellation);
        Assert.Equal(unknown.Secret, (await keys.FindAsync(unknown.Id, Cancellation))?.Secret);
    }

    [Fact]
    public async Task Trap54_ClockGoesBack_TheLaterWriteWins()
    {
        await PutAsync("a", [1]);
        _time.Advance(-TimeSpan.FromDays(1));
        await PutAsync("a", [2, 2]);
        Assert.Equal(2, (await _objects.FindAsync(Bucket, "a", Cancellation)).Record.Content.Size);
        await _objects.DeleteAsync(Bucket, "a", WriteCondition.None, Cancellation);
        await Assert.ThrowsAsync<StoreException>(() => _objects.FindAsync(Bucket, "a", Cancellation));
    }

    [Fact]
    public async Task Trap56_NodeStoppedInTheMiddle_NothingIsLostAndNothingLeftOver()
    {
        byte[] shared = Pattern.Of(10_000, 1);
        await PutAsync("a", shared);
        await PutAsync("b", shared);
        await _objects.DeleteAsync(Bucket, "a", WriteCondition.None, Cancellation);
        // Blocks of a put that was never committed, and whose node stopped: nobody unpins them.
        await _blocks.PutAsync(Pattern.Of(5000, 2), Cancellation);
        int needed = _blocks.Count - 1;
        await _blocks.DisposeAsync();
        _blocks = BlockStore.Open(
            new BlockStoreOptions { Directory = _folder.Path, TimeProvider = _time, LiveShareMin = 1 });
        await _blocks.RollAsync(Cancellation);
        _time.Advance(TimeSpan.FromHours(2));
        ObjectStoreOptions options = new() { BlockBytes = 4096, TimeProvider = _time };
        ObjectStore objects = new(_metadata, new ContentStore(_cluster.Of(_blocks), options), options);
        await NewCollector(objects).RunAsync(Cancellation);
        Assert.Equal(needed, _blocks.Count);
        using ObjectReader reader = await objects.OpenAsync(Bucket, "b", Cancellation);
        using MemoryStream read = new();
        await reader.CopyAsync(0, reader.Size, bytes =>
        {
            read.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }, Cancellation);
        Assert.Equal(shared, read.ToArray());
    }

    [Fact]
    public void Trap62_KeyRestoredFromABackup_RepeatsNoNonce()
    {
        string path = _folder.Child("secret.key");
        byte[] before = SecretBox.OpenOrCreate(path).Seal("secret", "id");
        byte[] after = SecretBox.OpenOrCreate(path).Seal("secret", "id");
        Assert.NotEqual(before[..12], after[..12]);
        Assert.Equal("secret", SecretBox.OpenOrCreate(path).Open(after, "id"));
    }

    private GarbageCollector NewCollector(ObjectStore objects) =>
        new(_metadata, objects.Contents, TimeSpan.Zero, _time);

    private async Task<ObjectRecord> PutAsync(
        string key, byte[] content, WriteCondition condition = default, CancellationToken cancellationToken = default)
    {
        using MemoryStream source = new(content);
        using BlockUpload upload = await _objects.Contents.StoreAsync(source, content.Length, [], Cancellation);
        return await _objects.PutAsync(Bucket, key, upload, AttributesRecord.Empty, condition, cancellationToken);
    }
}
