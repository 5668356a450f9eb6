using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Lepton.Storage.Checksums;

namespace Lepton.Storage.Tests.S3;

/// <summary>Beyond the contract: newer checksums, chunks, and what an upload that ended, or has not, forbids.</summary>
public sealed class LeptonMultipartTests(StorageFixture storage) : MultipartContract(storage)
{
    [Fact]
    public async Task Complete_WithCrc64Nvme_HasThatOfTheWholeObject()
    {
        byte[] content = Pattern.Of(PartBytes + 1000, 5);
        string id = (await S3.InitiateMultipartUploadAsync(
            new InitiateMultipartUploadRequest
            {
                BucketName = Bucket,
                Key = "a",
                ChecksumAlgorithm = ChecksumAlgorithm.CRC64NVME,
            },
            Cancellation)).UploadId;
        List<PartETag> parts = [];
        foreach (byte[] some in new[] { content[..PartBytes], content[PartBytes..] })
        {
            using MemoryStream stream = new(some);
            UploadPartResponse part = await S3.UploadPartAsync(
                new UploadPartRequest
                {
                    BucketName = Bucket,
                    Key = "a",
                    UploadId = id,
                    PartNumber = parts.Count + 1,
                    InputStream = stream,
                    UseChunkEncoding = TakesChunks,
                    ChecksumCRC64NVME = Sum(some),
                },
                Cancellation);
            parts.Add(new PartETag(parts.Count + 1, part.ETag));
        }

        Assert.Equal(Sum(content), (await CompleteAsync("a", id, parts)).ChecksumCRC64NVME);

        static string Sum(byte[] bytes) =>
            Convert.ToBase64String(ContentDigests.Compute(ChecksumKind.Crc64Nvme, bytes));
    }

    [Fact]
    public async Task Abort_AnUpload_IsGoneAndTheBucketCanBeDeleted()
    {
        string id = await BeginAsync("dir/a");
        string other = await BeginAsync("dir/b");
        await PutPartAsync("dir/a", id, 1, [1]);
        ListMultipartUploadsResponse listed = await S3.ListMultipartUploadsAsync(
            new ListMultipartUploadsRequest { BucketName = Bucket, Prefix = "dir/" }, Cancellation);
        Assert.Equal([id, other], listed.MultipartUploads.Select(upload => upload.UploadId));
        Assert.Equal(["dir/a", "dir/b"], listed.MultipartUploads.Select(upload => upload.Key));
        await FailsAsync("BucketNotEmpty", () => S3.DeleteBucketAsync(Bucket, Cancellation));
        await S3.AbortMultipartUploadAsync(Bucket, "dir/a", id, Cancellation);
        await S3.AbortMultipartUploadAsync(Bucket, "dir/b", other, Cancellation);
        await FailsAsync("NoSuchUpload", () => CompleteAsync("dir/a", id, [new PartETag(1, "\"0\"")]));
        await S3.DeleteBucketAsync(Bucket, Cancellation);
    }

    [Fact]
    public async Task TransferUtility_UploadAndDownload_GiveTheSameBytes()
    {
        byte[] content = Pattern.Of((3 * PartBytes) + 7, 3);
        using TransferUtility transfer = new(S3, new TransferUtilityConfig
        {
            MinSizeBeforePartUpload = PartBytes,
        });
        using MemoryStream stream = new(content);
        await transfer.UploadAsync(
            new TransferUtilityUploadRequest
            {
                BucketName = Bucket,
                Key = "big",
                InputStream = stream,
                PartSize = PartBytes,
            },
            Cancellation);
        using TestFolder folder = new();
        await transfer.DownloadAsync(folder.Child("big"), Bucket, "big", Cancellation);
        Assert.Equal(content, await File.ReadAllBytesAsync(folder.Child("big"), Cancellation));
    }

    [Fact]
    public async Task PutPart_UploadIsComplete_IsRefused()
    {
        string id = await BeginAsync("a");
        await CompleteAsync("a", id, [await PutPartAsync("a", id, 1, [1])]);
        await FailsAsync("NoSuchUpload", () => PutPartAsync("a", id, 1, [2]));
    }
}
