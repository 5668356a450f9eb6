using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Storage.Checksums;

namespace Lepton.Storage.Tests.S3;

/// <summary>Beyond the contract: newer checksums, writes on conditions, and what is refused here.</summary>
public sealed class LeptonObjectTests(StorageFixture storage) : ObjectContract(storage)
{
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
    public async Task Get_HeadersBeyondAscii_AreGivenAndControlCharactersRefused()
    {
        await PutAsync("a", [1]);
        Assert.Equal([1], await GetAsync("a", request =>
            request.ResponseHeaderOverrides.ContentDisposition = "attachment; filename=ü日.txt"));
        await FailsAsync("InvalidArgument", () => GetAsync("a", request =>
            request.ResponseHeaderOverrides.ContentDisposition = "a\u0001b"));
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
    public async Task Put_WithWhatIsNotSupported_IsNotImplementedAndDoesNothing()
    {
        await FailsAsync("NotImplemented", () => PutAsync(
            "a", [1], request => request.ServerSideEncryptionMethod = ServerSideEncryptionMethod.AWSKMS));
        await FailsAsync("NotImplemented", () => PutAsync(
            "a", [1], request => request.CannedACL = S3CannedACL.PublicRead));
        await FailsAsync("NotImplemented", () => S3.PutObjectTaggingAsync(
            new PutObjectTaggingRequest { BucketName = Bucket, Key = "a", Tagging = new Tagging { TagSet = [] } },
            Cancellation));
        AmazonS3Exception e = await Assert.ThrowsAnyAsync<AmazonS3Exception>(() => GetAsync("a"));
        Assert.Equal("NoSuchKey", e.ErrorCode);
    }

    [Fact]
    public async Task DeleteMany_SomeNotThere_AllAreTold()
    {
        await PutAsync("b/1", [1]);
        await PutAsync("b/2", [1]);
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
        Assert.Empty(list.S3Objects ?? []);
    }
}
