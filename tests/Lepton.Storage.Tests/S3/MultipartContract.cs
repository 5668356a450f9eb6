using Amazon.S3;
using Amazon.S3.Model;

namespace Lepton.Storage.Tests.S3;

/// <summary>Uploads in parts, as any server of S3's protocol has them.</summary>
public abstract class MultipartContract(IS3Server server) : S3Test(server)
{
    private protected const int PartBytes = 5 * 1024 * 1024;

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

    private protected async Task<string> BeginAsync(string key) => (await S3.InitiateMultipartUploadAsync(
        new InitiateMultipartUploadRequest { BucketName = Bucket, Key = key }, Cancellation)).UploadId;

    private protected async Task<PartETag> PutPartAsync(string key, string id, int number, byte[] content)
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
                UseChunkEncoding = TakesChunks,
            },
            Cancellation);
        return new PartETag(number, part.ETag);
    }

    private protected Task<CompleteMultipartUploadResponse> CompleteAsync(
        string key, string id, List<PartETag> parts) =>
        S3.CompleteMultipartUploadAsync(
            new CompleteMultipartUploadRequest { BucketName = Bucket, Key = key, UploadId = id, PartETags = parts },
            Cancellation);
}
