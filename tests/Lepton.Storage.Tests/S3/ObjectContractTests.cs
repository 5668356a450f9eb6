using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Storage.Checksums;

namespace Lepton.Storage.Tests.S3;

public sealed class ObjectContractTests(StorageFixture storage) : S3Test(storage)
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

    [Theory]
    [InlineData("CRC32")]
    [InlineData("CRC32C")]
    [InlineData("CRC64NVME")]
    [InlineData("SHA256")]
    public async Task Put_WithChecksum_IsKeptAndTold(string algorithm)
    {
        byte[] content = Pattern.Of(300_000, 2);
        ChecksumAlgorithm wanted = ChecksumAlgorithm.FindValue(algorithm);
        PutObjectResponse put = await PutAsync("a", content, request =>
        {
            // The SDK computes two of them only with another, native package.
            if (wanted == ChecksumAlgorithm.CRC32C)
            {
                request.ChecksumCRC32C = Convert.ToBase64String(
                    ContentDigests.Compute(ChecksumKind.Crc32C, content));
            }
            else if (wanted == ChecksumAlgorithm.CRC64NVME)
            {
                request.ChecksumCRC64NVME = Convert.ToBase64String(
                    ContentDigests.Compute(ChecksumKind.Crc64Nvme, content));
            }
            else
            {
                request.ChecksumAlgorithm = wanted;
            }
        });
        GetObjectMetadataResponse head = await S3.GetObjectMetadataAsync(
            new GetObjectMetadataRequest { BucketName = Bucket, Key = "a", ChecksumMode = ChecksumMode.ENABLED },
            Cancellation);
        (string? told, string? kept) = algorithm switch
        {
            "CRC32" => (put.ChecksumCRC32, head.ChecksumCRC32),
            "CRC32C" => (put.ChecksumCRC32C, head.ChecksumCRC32C),
            "CRC64NVME" => (put.ChecksumCRC64NVME, head.ChecksumCRC64NVME),
            _ => (put.ChecksumSHA256, head.ChecksumSHA256),
        };
        Assert.NotNull(told);
        Assert.Equal(told, kept);
        Assert.Equal(content, await GetAsync("a"));
    }

    [Fact]
    public async Task Put_WithAWrongChecksum_IsRefusedAndLeavesNothing()
    {
        await FailsAsync("BadDigest", () => PutAsync("a", [1, 2, 3], request => request.ChecksumCRC32 = "AAAAAA=="));
        await FailsAsync("BadDigest", () => PutAsync("a", [1, 2, 3], request =>
            request.MD5Digest = Convert.ToBase64String(new byte[16])));
        AmazonS3Exception e = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => GetAsync("a"));
        Assert.Equal("NoSuchKey", e.ErrorCode);
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

    [Fact]
    public async Task Get_HeadersBeyondAscii_AreGivenAndControlCharactersRefused()
    {
        await PutAsync("a", [1]);
        Assert.Equal([1], await GetAsync("a", request =>
            request.ResponseHeaderOverrides.ContentDisposition = "attachment; filename=ü日.txt"));
        await FailsAsync("InvalidArgument", () => GetAsync("a", request =>
            request.ResponseHeaderOverrides.ContentDisposition = "a\u0001b"));
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
        new PutObjectRequest { BucketName = "no-such-bucket", Key = "a", ContentBody = "x" }, Cancellation));

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
    public async Task Put_OnConditions_HoldsThem()
    {
        string etag = (await PutAsync("a", [1], request => request.IfNoneMatch = "*")).ETag;
        await FailsAsync("PreconditionFailed", () => PutAsync("a", [2], request => request.IfNoneMatch = "*"));
        await FailsAsync("PreconditionFailed", () => PutAsync("a", [2], request => request.IfMatch = "\"0\""));
        await PutAsync("a", [3], request => request.IfMatch = etag);
        Assert.Equal([3], await GetAsync("a"));
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
    public async Task Delete_OneAndMany_AreGone()
    {
        foreach (string key in new[] { "a", "b/1", "b/2", "c" })
        {
            await PutAsync(key, [1]);
        }

        await S3.DeleteObjectAsync(Bucket, "a", Cancellation);
        await S3.DeleteObjectAsync(Bucket, "never-there", Cancellation);
        DeleteObjectsResponse many = await S3.DeleteObjectsAsync(
            new DeleteObjectsRequest
            {
                BucketName = Bucket,
                Objects = [new() { Key = "b/1" }, new() { Key = "b/2" }, new() { Key = "not-there" }],
            },
            Cancellation);
        Assert.Equal(3, many.DeletedObjects.Count);
        ListObjectsV2Response list = await S3.ListObjectsV2Async(
            new ListObjectsV2Request { BucketName = Bucket }, Cancellation);
        Assert.Equal("c", Assert.Single(list.S3Objects).Key);
    }

    [Fact]
    public async Task Put_WithWhatIsNotSupported_IsNotImplementedAndDoesNothing()
    {
        await FailsAsync("NotImplemented", () => PutAsync(
            "a", [1], request => request.ServerSideEncryptionMethod = ServerSideEncryptionMethod.AES256));
        await FailsAsync("NotImplemented", () => PutAsync(
            "a", [1], request => request.CannedACL = S3CannedACL.PublicRead));
        await FailsAsync("NotImplemented", () => S3.PutObjectTaggingAsync(
            new PutObjectTaggingRequest { BucketName = Bucket, Key = "a", Tagging = new Tagging { TagSet = [] } },
            Cancellation));
        AmazonS3Exception e = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => GetAsync("a"));
        Assert.Equal("NoSuchKey", e.ErrorCode);
    }
}
