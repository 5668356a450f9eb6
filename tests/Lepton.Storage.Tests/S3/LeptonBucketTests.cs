using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Storage.Tests.S3;

/// <summary>Beyond the contract: keys, and what messages name.</summary>
public sealed class LeptonBucketTests(StorageFixture storage) : BucketContract(storage)
{
    [Fact]
    public async Task Create_NameAgainstTheRules_IsNamed()
    {
        AmazonS3Exception e = await FailsAsync("InvalidBucketName", () => S3.PutBucketAsync("a..b", Cancellation));
        Assert.Contains("a..b", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Call_WithALimitedKey_ReachesItsBucketsOnly()
    {
        var node = await storage.NodeAsync();
        await PutAsync("a", [1]);
        using AmazonS3Client reader = await storage.NewS3Async(
            await node.Keys.AddAsync([Bucket], mayWrite: false, Cancellation));
        await reader.GetObjectMetadataAsync(Bucket, "a", Cancellation);
        await FailsAsync("AccessDenied", () => reader.DeleteObjectAsync(Bucket, "a", Cancellation));
        await FailsAsync("AccessDenied", () => reader.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = "another" }, Cancellation));
        ListBucketsResponse all = await reader.ListBucketsAsync(Cancellation);
        Assert.Equal(Bucket, Assert.Single(all.Buckets).BucketName);
    }

    [Fact]
    public async Task Call_WithAnUnknownKeyOrSecret_IsRefused()
    {
        var node = await storage.NodeAsync();
        var key = await node.Keys.AddAsync([], mayWrite: true, Cancellation);
        using AmazonS3Client unknown = await storage.NewS3Async(key with { Id = "NOBODY" });
        AmazonS3Exception e = await FailsAsync("InvalidAccessKeyId", () => unknown.ListBucketsAsync(Cancellation));
        Assert.Equal(HttpStatusCode.Forbidden, e.StatusCode);
        using AmazonS3Client wrong = await storage.NewS3Async(key with { Secret = "wrong" });
        await FailsAsync("SignatureDoesNotMatch", () => wrong.ListBucketsAsync(Cancellation));
    }
}
