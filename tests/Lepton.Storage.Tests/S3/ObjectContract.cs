using System.Net;
using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Storage.Tests.S3;

/// <summary>Objects, as any server of S3's protocol has them.</summary>
public abstract class ObjectContract(IS3Server server) : S3Test(server)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(65_536)]
    [InlineData(3_500_000)]
    public async Task Put_AnySize_IsReadBack(int size)
    {
        byte[] content = Pattern.Of(size, 1);
        await PutAsync("a", content);
        Assert.Equal(content, await GetAsync("a"));
        GetObjectMetadataResponse head = await S3.GetObjectMetadataAsync(Bucket, "a", Cancellation);
        Assert.Equal(size, head.ContentLength);
    }

    [Fact]
    public async Task Put_WithoutChunksOrPayloadSigning_IsReadBack()
    {
        await PutAsync("plain", [1, 2], request => request.UseChunkEncoding = false);
        Assert.Equal([1, 2], await GetAsync("plain"));
    }

    [Fact]
    public async Task Put_WithHeadersAndMetadata_GivesThemBack()
    {
        await PutAsync("a", [1], request =>
        {
            request.ContentType = "text/x-test";
            request.Headers.CacheControl = "max-age=60";
            request.Headers.ContentDisposition = "attachment; filename=x";
            request.Headers.ContentEncoding = "gzip";
            request.Metadata.Add("Colour", "blue");
        });
        GetObjectMetadataResponse head = await S3.GetObjectMetadataAsync(Bucket, "a", Cancellation);
        Assert.Equal("text/x-test", head.Headers.ContentType);
        Assert.Equal("max-age=60", head.Headers.CacheControl);
        Assert.Equal("attachment; filename=x", head.Headers.ContentDisposition);
        Assert.Equal("gzip", head.Headers.ContentEncoding);
        Assert.Equal("blue", head.Metadata["colour"]);
    }

    [Theory]
    [InlineData("a b+c%25/ü/日本")]
    [InlineData("../../etc/passwd")]
    [InlineData("a/./b//c/")]
    [InlineData("q?x=1&y=2#z")]
    [InlineData("line\nbreak\u0001")]
    [InlineData("'\"<&>!*()")]
    public async Task Put_OddKey_IsThatKeyAndNoOther(string key)
    {
        await PutAsync(key, [7]);
        Assert.Equal([7], await GetAsync(key));
        ListObjectsV2Response list = await S3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket, Encoding = EncodingType.Url }, Cancellation);
        Assert.Equal(key, Uri.UnescapeDataString(Assert.Single(list.S3Objects).Key));
    }

    [Fact]
    public async Task Put_KeyOf2000Bytes_IsRefused() =>
        await FailsAsync("KeyTooLongError", () => PutAsync(new string('k', 2000), [1]));

    [Fact]
    public async Task Put_NoBucket_IsRefused() => await FailsAsync("NoSuchBucket", () => S3.PutObjectAsync(
        new PutObjectRequest
        {
            BucketName = "no-such-bucket", Key = "a", ContentBody = "x", UseChunkEncoding = TakesChunks,
        },
        Cancellation));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1_048_570, 1_048_590)]
    [InlineData(2_999_999, 9_999_999)]
    public async Task Get_Range_GivesTheseBytes(int first, int last)
    {
        byte[] content = Pattern.Of(3_000_000, 1);
        await PutAsync("a", content);
        byte[] read = await GetAsync("a", request => request.ByteRange = new ByteRange(first, last));
        Assert.Equal(content[first..Math.Min(last + 1, content.Length)], read);
    }

    [Fact]
    public async Task Get_RangePastTheEnd_IsInvalidRange()
    {
        await PutAsync("a", [1, 2, 3]);
        AmazonS3Exception e = await FailsAsync(
            "InvalidRange", () => GetAsync("a", request => request.ByteRange = new ByteRange(3, 9)));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, e.StatusCode);
        byte[] end = await GetAsync("a", request => request.ByteRange = new ByteRange("bytes=-2"));
        Assert.Equal([2, 3], end);
    }

    [Fact]
    public async Task Get_OnConditions_HoldsThem()
    {
        string etag = (await PutAsync("a", [1])).ETag;
        Assert.Equal([1], await GetAsync("a", request => request.EtagToMatch = etag));
        await FailsAsync("PreconditionFailed", () => GetAsync("a", request => request.EtagToMatch = "\"0\""));
        AmazonS3Exception e = await Assert.ThrowsAnyAsync<AmazonS3Exception>(
            () => GetAsync("a", request => request.EtagToNotMatch = etag));
        Assert.Equal(HttpStatusCode.NotModified, e.StatusCode);
        await FailsAsync("PreconditionFailed", () => GetAsync("a", request =>
            request.UnmodifiedSinceDate = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc)));
    }

    [Fact]
    public async Task Copy_WithAndWithoutNewMetadata_SharesTheBytes()
    {
        byte[] content = Pattern.Of(2_500_000, 4);
        await PutAsync("a b", content, request => request.Metadata.Add("colour", "blue"));
        await S3.CopyObjectAsync(Bucket, "a b", Bucket, "same", Cancellation);
        CopyObjectRequest replacing = new()
        {
            SourceBucket = Bucket,
            SourceKey = "a b",
            DestinationBucket = Bucket,
            DestinationKey = "new",
            MetadataDirective = S3MetadataDirective.REPLACE,
        };
        replacing.Metadata.Add("colour", "red");
        await S3.CopyObjectAsync(replacing, Cancellation);
        await S3.DeleteObjectAsync(Bucket, "a b", Cancellation);
        Assert.Equal(content, await GetAsync("same"));
        Assert.Equal("blue", (await S3.GetObjectMetadataAsync(Bucket, "same", Cancellation)).Metadata["colour"]);
        Assert.Equal("red", (await S3.GetObjectMetadataAsync(Bucket, "new", Cancellation)).Metadata["colour"]);
    }

    [Fact]
    public async Task Delete_ThereOrNot_IsGone()
    {
        await PutAsync("a", [1]);
        await PutAsync("c", [1]);
        await S3.DeleteObjectAsync(Bucket, "a", Cancellation);
        await S3.DeleteObjectAsync(Bucket, "never-there", Cancellation);
        ListObjectsV2Response list = await S3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket }, Cancellation);
        Assert.Equal("c", Assert.Single(list.S3Objects).Key);
    }

}
