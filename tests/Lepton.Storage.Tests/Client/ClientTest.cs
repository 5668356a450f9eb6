using Lepton.Objects;
using Lepton.Storage.Keys;

namespace Lepton.Storage.Tests.Client;

/// <summary>A test with a client of Lepton's own, a bucket and a folder.</summary>
public abstract class ClientTest(StorageFixture storage) : IAsyncLifetime
{
    private readonly TestFolder _folder = new();

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected ObjectClient Objects { get; private set; } = null!;

    private protected ObjectUrl Bucket { get; } = new(storage.NewBucketName(), "");

    public async ValueTask InitializeAsync()
    {
        Objects = await NewClientAsync();
        Assert.True(await Objects.MakeBucketAsync(Bucket.Bucket, Cancellation));
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Objects.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected string File(string name) => _folder.Child(name);

    private protected string[] Files => [.. Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName)!];

    /// <summary>A client with a key that may do everything, or the one given.</summary>
    private protected async Task<ObjectClient> NewClientAsync(AccessKey? key = null, string? endpoint = null)
    {
        var node = await storage.NodeAsync();
        key ??= await node.Keys.AddAsync([], mayWrite: true, Cancellation);
        return new ObjectClient(new StoreAddress
        {
            Endpoint = endpoint ?? node.Address.GetLeftPart(UriPartial.Authority),
            KeyId = key.Id,
            Secret = key.Secret,
        });
    }

    private protected async Task<AccessKey> NewKeyAsync(bool mayWrite = true) =>
        await (await storage.NodeAsync()).Keys.AddAsync([], mayWrite, Cancellation);

    private protected Task PutAsync(string key, byte[] content) => Objects.PutAsync(
        Bucket with { Key = key }, content, Cancellation);

    /// <summary>Uploads that were begun in the bucket and not ended.</summary>
    private protected async Task<int> UploadsAsync()
    {
        using var s3 = await storage.NewS3Async();
        var uploads = await s3.ListMultipartUploadsAsync(Bucket.Bucket, Cancellation);
        return uploads.MultipartUploads?.Count ?? 0;
    }
}
