using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Encryption;
using Lepton.Storage.Keys;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;
using Lepton.Storage.Tests.Objects;

namespace Lepton.Storage.Tests.Encryption;

/// <summary>An object store of one node with a secret key, whose metadata and blocks a test has in its hands.</summary>
internal sealed class EncryptedStore : IAsyncDisposable
{
    public const string Bucket = "secret";
    private readonly TestFolder _folder = new();
    private readonly CoordinationClient _client;
    private readonly LoneCluster _cluster;
    private readonly byte[] _secretKey;

    private EncryptedStore(CoordinationClient client, LoneCluster cluster, byte[] secretKey)
    {
        (_client, _cluster, _secretKey) = (client, cluster, secretKey);
        Metadata = new MetadataProxy(new CoordinationMetadata(client));
        Open();
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public MetadataProxy Metadata { get; }

    public ClusterKeys Keys { get; private set; } = null!;

    public BlockStore Blocks { get; private set; } = null!;

    public ObjectStore Objects { get; private set; } = null!;

    public UploadStore Uploads { get; private set; } = null!;

    public static async Task<EncryptedStore> StartAsync(CoordinationFixture coordination)
    {
        CoordinationClient client = await coordination.NewClientAsync();
        EncryptedStore store = new(client, await LoneCluster.StartAsync(client), Pattern.Of(SecretBox.KeyBytes, 1));
        await store.CreateBucketAsync(Bucket);
        return store;
    }

    public Task CreateBucketAsync(string bucket) =>
        new BucketStore(Metadata, TimeProvider.System).CreateAsync(bucket, Cancellation);

    /// <summary>As after a restart, with this secret key or the same.</summary>
    public async Task ReopenAsync(byte[]? secretKey = null)
    {
        await Blocks.DisposeAsync();
        Open(secretKey);
    }

    /// <summary>All there is under the store's root but the node's sign of life, which nobody restores.</summary>
    public async Task<List<KeyValue>> SnapshotAsync()
    {
        RangeResult all = await _client.RangeAsync(KeyRange.Prefix(MetadataKeys.Root), null, Cancellation);
        return [.. all.Entries.Where(static entry => !entry.Key.StartsWith(MetadataKeys.LiveNodes))];
    }

    /// <summary>Brings the metadata back to a snapshot, and forgets what was in memory.</summary>
    public async Task RestoreAsync(List<KeyValue> snapshot)
    {
        foreach (KeyValue now in await SnapshotAsync())
        {
            await _client.DeleteAsync(now.Key, cancellationToken: Cancellation);
        }

        foreach (KeyValue then in snapshot)
        {
            await _client.PutAsync(then.Key, then.Value, cancellationToken: Cancellation);
        }

        await ReopenAsync();
    }

    public async Task<BlockUpload> StoreAsync(byte[] content, DataKey? key)
    {
        using MemoryStream source = new(content);
        return await Objects.Contents.StoreAsync(source, content.Length, [], key, Cancellation);
    }

    public async Task<ObjectRecord> PutAsync(string key, byte[] content, bool isEncrypted = true)
    {
        using BlockUpload upload = await StoreAsync(content, isEncrypted ? DataKey.New() : null);
        return await Objects.PutAsync(
            Bucket, key, upload, AttributesRecord.Empty, WriteCondition.None, Cancellation);
    }

    public async Task<string> BeginAsync(string key) => await Uploads.BeginAsync(
        Bucket, key, AttributesRecord.Empty, null, false, DataKey.New(), Cancellation);

    public async Task<PartRecord> PutPartAsync(string key, string uploadId, int number, byte[] content)
    {
        (UploadRecord record, _) = await Uploads.FindAsync(Bucket, key, uploadId, Cancellation);
        using BlockUpload part = await StoreAsync(
            content, await Uploads.KeyOfAsync(Bucket, key, uploadId, record, Cancellation));
        return await Uploads.PutPartAsync(Bucket, key, uploadId, number, part, Cancellation);
    }

    public Task<ObjectRecord> CompleteAsync(string key, string uploadId, params PartRecord[] parts) =>
        Uploads.CompleteAsync(
            Bucket, key, uploadId, [.. parts.Select(static (part, i) => new NamedPart(i + 1, part.ETag))],
            static _ => { }, WriteCondition.None, Cancellation);

    public Task<byte[]> ReadAsync(string key, int from = 0, int length = -1) => ReadAsync(Bucket, key, from, length);

    public async Task<byte[]> ReadAsync(string bucket, string key, int from = 0, int length = -1)
    {
        using ObjectReader reader = await Objects.OpenAsync(bucket, key, Cancellation);
        using MemoryStream read = new();
        await reader.CopyAsync(from, length < 0 ? reader.Size : length, bytes =>
        {
            read.Write(bytes.Span);
            return ValueTask.CompletedTask;
        }, Cancellation);
        return read.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        await Blocks.DisposeAsync();
        await _client.DeleteAsync(KeyRange.Prefix(MetadataKeys.Root));
        _client.Dispose();
        _folder.Dispose();
    }

    private void Open(byte[]? secretKey = null)
    {
        ObjectStoreOptions options = new() { BlockBytes = 4096, InlineRefsMax = 8, PartBytesMin = 5000 };
        Blocks = BlockStore.Open(new BlockStoreOptions { Directory = _folder.Path });
        Keys = new ClusterKeys(Metadata, new SecretBox(secretKey ?? _secretKey), TimeProvider.System);
        Objects = new ObjectStore(Metadata, new ContentStore(_cluster.Of(Blocks), options), options, Keys);
        Uploads = new UploadStore(Objects);
    }
}
