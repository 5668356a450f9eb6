using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Storage.Tests.S3;

/// <summary>A test with AWS's SDK and a bucket of its own.</summary>
public abstract class S3Test(IS3Server server) : IAsyncLifetime
{
    private protected AmazonS3Client S3 { get; private set; } = null!;

    /// <summary>Whether bodies may go in signed chunks.</summary>
    private protected bool TakesChunks => server.TakesChunks;

    private protected string Bucket { get; } = server.NewBucketName();

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        S3 = await server.NewS3Async();
        await S3.PutBucketAsync(Bucket, Cancellation);
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        S3.Dispose();
        return ValueTask.CompletedTask;
    }

    private protected async Task<PutObjectResponse> PutAsync(
        string key, byte[] content, Action<PutObjectRequest>? configure = null)
    {
        using MemoryStream stream = new(content);
        PutObjectRequest request = new()
        {
            BucketName = Bucket,
            Key = key,
            InputStream = stream,
            UseChunkEncoding = server.TakesChunks,
        };
        configure?.Invoke(request);
        return await S3.PutObjectAsync(request, Cancellation);
    }

    private protected async Task<byte[]> GetAsync(string key, Action<GetObjectRequest>? configure = null)
    {
        GetObjectRequest request = new() { BucketName = Bucket, Key = key };
        configure?.Invoke(request);
        using GetObjectResponse response = await S3.GetObjectAsync(request, Cancellation);
        using MemoryStream content = new();
        await response.ResponseStream.CopyToAsync(content, Cancellation);
        return content.ToArray();
    }

    /// <summary>A call must fail with one of S3's errors.</summary>
    private protected static async Task<AmazonS3Exception> FailsAsync(string code, Func<Task> call)
    {
        AmazonS3Exception e = await Assert.ThrowsAnyAsync<AmazonS3Exception>(call);
        Assert.Equal(code, e.ErrorCode);
        return e;
    }
}
