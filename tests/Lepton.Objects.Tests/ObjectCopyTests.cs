using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Objects.Tests;

/// <summary>Copies that the store makes in parts, as it must where an object is too long for one request.</summary>
public sealed class ObjectCopyTests(StoreFixture store) : ClientTest(store)
{
    private const int PartBytes = 5 << 20;
    private const int Length = (2 * PartBytes) + 12_345;

    [Fact]
    public async Task Copy_InParts_IsTheSameWithAllThatWasSaidOfIt()
    {
        byte[] content = RandomNumberGenerator.GetBytes(Length);
        ObjectUrl to = Bucket with { Key = "copies/a b" };
        using AmazonS3Client s3 = NewS3();
        using MemoryStream body = new(content);
        PutObjectRequest put = new() { BucketName = Bucket.Bucket, Key = "source", InputStream = body };
        put.Headers["Content-Type"] = "text/x-long";
        put.Headers["Cache-Control"] = "no-store";
        put.Metadata["colour"] = "green";
        await s3.PutObjectAsync(put, Cancellation);

        long copied = 0;
        await CopyAsync("source", to, new Told(bytes => Interlocked.Add(ref copied, bytes)), Cancellation);
        Assert.True((await Objects.ReadAsync(to, Cancellation)).AsSpan().SequenceEqual(content));
        GetObjectMetadataResponse head = await s3.GetObjectMetadataAsync(to.Bucket, to.Key, Cancellation);
        Assert.EndsWith("-3\"", head.ETag, StringComparison.Ordinal);
        Assert.Equal(
            ("text/x-long", "no-store", "green", Length),
            (head.Headers.ContentType, head.Headers.CacheControl, head.Metadata["colour"], copied));
        Assert.Equal(0, await UploadsAsync());
    }

    [Fact]
    public async Task Copy_SourceReplacedMeanwhile_FailsAndLeavesNothing()
    {
        await PutAsync("source", RandomNumberGenerator.GetBytes(6 * PartBytes));
        Lazy<bool> replaced = new(() =>
        {
            Task.Run(() => PutAsync("source", [1])).GetAwaiter().GetResult();
            return true;
        });
        ObjectException e = await Assert.ThrowsAsync<ObjectException>(
            () => CopyAsync(
                "source", Bucket with { Key = "copy" }, new Told(_ => Assert.True(replaced.Value)), Cancellation));
        Assert.Equal(ObjectFailure.Changed, e.Failure);
        Assert.Null(await Objects.FindAsync(Bucket with { Key = "copy" }, Cancellation));
        Assert.Equal(0, await UploadsAsync());
    }

    private Task CopyAsync(string key, ObjectUrl to, IProgress<long> progress, CancellationToken cancellation)
    {
        ObjectCopy copy = Objects.NewCopy(Bucket with { Key = key }, to, progress);
        Assert.Equal(5L << 30, copy.WholeBytesMax);
        (copy.WholeBytesMax, copy.PartBytes) = (PartBytes, PartBytes);
        return copy.RunAsync(cancellation);
    }

    private AmazonS3Client NewS3() => new(
        new BasicAWSCredentials(Store.Address.KeyId, Store.Address.Secret),
        new AmazonS3Config { ServiceURL = Store.Address.Endpoint, ForcePathStyle = true });

    private sealed class Told(Action<long> told) : IProgress<long>
    {
        public void Report(long value) => told(value);
    }
}
