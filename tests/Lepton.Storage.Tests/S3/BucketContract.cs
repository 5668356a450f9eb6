using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Storage.Tests.S3;

/// <summary>Buckets and lists, as any server of S3's protocol has them.</summary>
public abstract class BucketContract(IS3Server server) : S3Test(server)
{
    [Fact]
    public async Task Bucket_ItsLife_IsAsInS3()
    {
        ListBucketsResponse all = await S3.ListBucketsAsync(Cancellation);
        Assert.Contains(all.Buckets, bucket => bucket.BucketName == Bucket);
        await S3.HeadBucketAsync(new HeadBucketRequest { BucketName = Bucket }, Cancellation);
        await S3.GetBucketLocationAsync(Bucket, Cancellation);
        await FailsAsync("BucketAlreadyOwnedByYou", () => S3.PutBucketAsync(Bucket, Cancellation));
        await PutAsync("a", [1]);
        await FailsAsync("BucketNotEmpty", () => S3.DeleteBucketAsync(Bucket, Cancellation));
        await S3.DeleteObjectAsync(Bucket, "a", Cancellation);
        await S3.DeleteBucketAsync(Bucket, Cancellation);
        await FailsAsync("NoSuchBucket", () => S3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket }, Cancellation));
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("ab")]
    [InlineData("a..b")]
    [InlineData("192.168.1.1")]
    [InlineData("-abc")]
    public Task Create_NameAgainstTheRules_IsRefused(string name) =>
        FailsAsync("InvalidBucketName", () => S3.PutBucketAsync(name, Cancellation));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task List_V2_PagesTellAllOnce(int pageSize)
    {
        string[] keys = await FillAsync();
        List<string> listed = [];
        List<string> prefixes = [];
        ListObjectsV2Request request = new() { BucketName = Bucket, Delimiter = "/", MaxKeys = pageSize };
        ListObjectsV2Response page;
        do
        {
            page = await S3.ListObjectsV2Async(request, Cancellation);
            listed.AddRange(page.S3Objects?.Select(one => one.Key) ?? []);
            prefixes.AddRange(page.CommonPrefixes ?? []);
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);

        Assert.Equal(keys.Where(key => !key.Contains('/', StringComparison.Ordinal)), listed);
        Assert.Equal(["dir/", "other/"], prefixes);
    }

    [Fact]
    public async Task List_V1_PagesTellAllOnce()
    {
        string[] keys = await FillAsync();
        List<string> listed = [];
        ListObjectsRequest request = new() { BucketName = Bucket, MaxKeys = 2 };
        ListObjectsResponse page;
        do
        {
            page = await S3.ListObjectsAsync(request, Cancellation);
            listed.AddRange(page.S3Objects.Select(one => one.Key));
            request.Marker = page.NextMarker;
        }
        while (page.IsTruncated == true);

        Assert.Equal(keys, listed);
    }

    [Fact]
    public async Task List_WithPrefixAndStartAfter_TellsTheRest()
    {
        await FillAsync();
        ListObjectsV2Response page = await S3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket, Prefix = "dir/", StartAfter = "dir/1" }, Cancellation);
        Assert.Equal(["dir/2", "dir/3"], page.S3Objects.Select(one => one.Key));
    }

    private async Task<string[]> FillAsync()
    {
        string[] keys = ["a", "b", "dir/1", "dir/2", "dir/3", "e", "other/x", "z"];
        foreach (string key in keys)
        {
            await PutAsync(key, [1]);
        }

        return keys;
    }
}
