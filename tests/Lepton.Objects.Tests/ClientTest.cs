using Amazon.Runtime;
using Amazon.S3;

namespace Lepton.Objects.Tests;

/// <summary>A test with a client, a bucket and a folder of its own.</summary>
public abstract class ClientTest(StoreFixture store) : IClassFixture<StoreFixture>, IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-objects-");

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private protected StoreFixture Store { get; } = store;

    private protected ObjectClient Objects { get; private set; } = null!;

    private protected ObjectUrl Bucket { get; } = new(store.NewBucketName(), "");

    private protected string[] Files => [.. Directory.EnumerateFiles(_folder.FullName).Select(Path.GetFileName)!];

    public async ValueTask InitializeAsync()
    {
        Objects = new ObjectClient(Store.Address);
        Assert.True(await Objects.MakeBucketAsync(Bucket.Bucket, Cancellation));
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        Objects.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    private protected string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private protected Task PutAsync(string key, byte[] content) => Objects.PutAsync(
        Bucket with { Key = key }, content, Cancellation);

    /// <summary>Begins an upload in parts as a process does that is killed then.</summary>
    private protected async Task BeginUploadAsync(string key)
    {
        using AmazonS3Client s3 = NewS3();
        await s3.InitiateMultipartUploadAsync(Bucket.Bucket, key, Cancellation);
    }

    /// <summary>Uploads that were begun in the bucket and not ended.</summary>
    private protected async Task<int> UploadsAsync()
    {
        using AmazonS3Client s3 = NewS3();
        return (await s3.ListMultipartUploadsAsync(Bucket.Bucket, Cancellation)).MultipartUploads?.Count ?? 0;
    }

    private AmazonS3Client NewS3() => new(
        new BasicAWSCredentials(Store.Address.KeyId, Store.Address.Secret),
        new AmazonS3Config { ServiceURL = Store.Address.Endpoint, ForcePathStyle = true });
}
