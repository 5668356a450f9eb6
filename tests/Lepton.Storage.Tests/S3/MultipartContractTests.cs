using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Lepton.Storage.Checksums;

namespace Lepton.Storage.Tests.S3;

public sealed class MultipartContractTests(StorageFixture storage) : S3Test(storage)
{
    private const int PartBytes = 5 * 1024 * 1024;

    [Fact]
    public async Task Complete_ThreeParts_IsOneObject()
    {
        byte[] content = Pattern.Of((2 * PartBytes) + 12_345, 1);
        string id = await BeginAsync("a");
        List<PartETag> parts = [];
        for (int i = 3; i >= 1; i--)
        {
            int start = (i - 1) * PartBytes;
            int end = Math.Min(start + PartBytes, content.Length);
            parts.Insert(0, await PutPartAsync("a", id, i, content[start..end]));
        }

        ListPartsResponse listed = await S3.ListPartsAsync(
            new ListPartsRequest { BucketName = Bucket, Key = "a", UploadId = id, MaxParts = 2 }, Cancellation);
        Assert.Equal([1, 2], listed.Parts.Select(part => part.PartNumber));
        Assert.True(listed.IsTruncated);
        CompleteMultipartUploadResponse done = await CompleteAsync("a", id, parts);
        Assert.EndsWith("-3\"", done.ETag, StringComparison.Ordinal);
        Assert.Equal(content, await GetAsync("a"));
        await FailsAsync("NoSuchUpload", () => PutPartAsync("a", id, 1, [1]));
    }

    [Fact]
    public async Task Complete_AgainAfterALostAnswer_IsAnsweredAsBefore()
    {
        string id = await BeginAsync("a");
        PartETag part = await PutPartAsync("a", id, 1, [1, 2, 3]);
        CompleteMultipartUploadResponse done = await CompleteAsync("a", id, [part]);
        Assert.Equal(done.ETag, (await CompleteAsync("a", id, [part])).ETag);
        await PutAsync("a", [4]);
        await FailsAsync("NoSuchUpload", () => CompleteAsync("a", id, [part]));
    }

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
    public async Task Complete_WrongParts_IsRefusedAndMayBeTriedAgain()
    {
        string id = await BeginAsync("a");
        PartETag first = await PutPartAsync("a", id, 1, [1, 2, 3]);
        PartETag second = await PutPartAsync("a", id, 2, [4, 5]);
        await FailsAsync("EntityTooSmall", () => CompleteAsync("a", id, [first, second]));
        await FailsAsync("InvalidPart", () => CompleteAsync("a", id, [first, new PartETag(7, second.ETag)]));
        await FailsAsync("InvalidPart", () => CompleteAsync("a", id, [new PartETag(1, second.ETag)]));
        await CompleteAsync("a", id, [second]);
        Assert.Equal([4, 5], await GetAsync("a"));
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
    public async Task CopyPart_OfARange_TakesTheseBytes()
    {
        byte[] content = Pattern.Of(PartBytes + 1000, 2);
        await PutAsync("source", content);
        string id = await BeginAsync("a");
        CopyPartResponse part = await S3.CopyPartAsync(
            new CopyPartRequest
            {
                SourceBucket = Bucket,
                SourceKey = "source",
                DestinationBucket = Bucket,
                DestinationKey = "a",
                UploadId = id,
                PartNumber = 1,
                FirstByte = 500,
                LastByte = PartBytes + 499,
            },
            Cancellation);
        PartETag last = await PutPartAsync("a", id, 2, [1]);
        await CompleteAsync("a", id, [new PartETag(1, part.ETag), last]);
        Assert.Equal([.. content[500..(PartBytes + 500)], 1], await GetAsync("a"));
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

    private async Task<string> BeginAsync(string key) => (await S3.InitiateMultipartUploadAsync(
        new InitiateMultipartUploadRequest { BucketName = Bucket, Key = key }, Cancellation)).UploadId;

    private async Task<PartETag> PutPartAsync(string key, string id, int number, byte[] content)
    {
        using MemoryStream stream = new(content);
        UploadPartResponse part = await S3.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = Bucket,
                Key = key,
                UploadId = id,
                PartNumber = number,
                InputStream = stream,
            },
            Cancellation);
        return new PartETag(number, part.ETag);
    }

    private Task<CompleteMultipartUploadResponse> CompleteAsync(string key, string id, List<PartETag> parts) =>
        S3.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = Bucket, Key = key, UploadId = id, PartETags = parts },
            Cancellation);
}
