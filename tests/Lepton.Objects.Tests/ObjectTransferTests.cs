using System.Security.Cryptography;

namespace Lepton.Objects.Tests;

/// <summary>Bytes to the store and back, where something comes in between.</summary>
public sealed class ObjectTransferTests(StoreFixture store) : ClientTest(store)
{
    private const int PartBytes = 16 << 20;

    [Theory]
    [InlineData(0)]
    [InlineData(PartBytes)]
    [InlineData((2 * PartBytes) + 12_345)]
    public async Task UploadDownload_AStreamOfUnknownLength_IsTheSameByteForByte(int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        ObjectUrl url = Bucket with { Key = "stream" };
        Counter sent = new();
        using (DrippingStream source = new(content))
        {
            Assert.Equal(length, await Objects.UploadAsync(source, url, sent, Cancellation));
        }

        using MemoryStream back = new();
        await Objects.DownloadAsync(url, back, cancellationToken: Cancellation);
        Assert.True(content.AsSpan().SequenceEqual(back.GetBuffer().AsSpan(0, (int)back.Length)));
        Assert.Equal((length, 0), (sent.Sum, await UploadsAsync()));
    }

    [Fact]
    public async Task Upload_StreamThatFails_LeavesNothing()
    {
        ObjectUrl url = Bucket with { Key = "torn" };
        using DrippingStream source = new(RandomNumberGenerator.GetBytes(PartBytes + 10), failsAtEnd: true);
        IOException e = await Assert.ThrowsAsync<IOException>(
            () => Objects.UploadAsync(source, url, cancellationToken: Cancellation));
        Assert.Equal("The pipe broke.", e.Message);
        Assert.Null(await Objects.FindAsync(url, Cancellation));
        Assert.Equal(0, await UploadsAsync());
    }

    [Fact]
    public async Task Upload_CancelledWhileTheStreamIsSilent_LeavesNothing()
    {
        ObjectUrl url = Bucket with { Key = "silent" };
        using CancellationTokenSource cancelled = new();
        using SilentStream source = new(RandomNumberGenerator.GetBytes(PartBytes + 10), cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Objects.UploadAsync(source, url, cancellationToken: cancelled.Token));
        Assert.Null(await Objects.FindAsync(url, Cancellation));
        Assert.Equal(0, await UploadsAsync());
    }

    [Fact]
    public async Task AbortUpload_ThoseListedBelowAUrl_AreGoneAndTheOthersStay()
    {
        await BeginUploadAsync("run/a");
        await BeginUploadAsync("run/a");
        await BeginUploadAsync("other/b");

        List<UnfinishedUpload> uploads =
            await Objects.Uploads.ListAsync(Bucket with { Key = "run/" }, Cancellation).ToListAsync(Cancellation);
        Assert.Equal(["run/a", "run/a"], uploads.Select(static upload => upload.Url.Key));
        foreach (UnfinishedUpload upload in (UnfinishedUpload[])[.. uploads, uploads[0]])
        {
            await Objects.Uploads.AbortAsync(upload.Url, upload.Id, Cancellation);
        }

        UnfinishedUpload left = Assert.Single(
            await Objects.Uploads.ListAsync(Bucket, Cancellation).ToListAsync(Cancellation));
        Assert.Equal("other/b", left.Url.Key);
    }

    [Fact]
    public async Task Download_ObjectReplacedMeanwhile_FailsAndLeavesNoFile()
    {
        // Five parts, four of which are on their way at once: the fifth is asked for when the object is another.
        const int Length = (4 * PartBytes) + 1;
        ObjectUrl url = Bucket with { Key = "changing" };
        await File.WriteAllBytesAsync(PathOf("in"), RandomNumberGenerator.GetBytes(Length), Cancellation);
        await Objects.UploadAsync(PathOf("in"), url, cancellationToken: Cancellation);
        await File.WriteAllTextAsync(PathOf("out"), "old", Cancellation);
        Lazy<bool> replaced = new(() =>
        {
            Task.Run(() => Objects.PutAsync(url, new byte[] { 1 }, Cancellation)).GetAwaiter().GetResult();
            return true;
        });
        ObjectException e = await Assert.ThrowsAsync<ObjectException>(
            () => Objects.DownloadAsync(url, PathOf("out"), new Told(() => _ = replaced.Value), Cancellation));
        Assert.Equal($"{url}: the object was replaced while it was read (PreconditionFailed). Try again.", e.Message);
        Assert.Equal("old", await File.ReadAllTextAsync(PathOf("out"), Cancellation));
        Assert.Equal(["in", "out"], Files.Order());
    }

    [Fact]
    public async Task Upload_FileThatIsMissing_SaysSo()
    {
        await Assert.ThrowsAsync<FileNotFoundException>(
            () => Objects.UploadAsync(PathOf("none"), Bucket with { Key = "a" }, cancellationToken: Cancellation));
        Assert.Null(await Objects.FindAsync(Bucket with { Key = "a" }, Cancellation));
    }

    [Fact]
    public async Task Presign_ReadAndWrite_NeedNoKey()
    {
        ObjectUrl url = Bucket with { Key = "a b/ü+c" };
        using HttpClient http = new();
        Uri write = await Objects.PresignAsync(url, TimeSpan.FromMinutes(1), isForWriting: true);
        byte[] bytes = RandomNumberGenerator.GetBytes(1000);
        using ByteArrayContent content = new(bytes);
        (await http.PutAsync(write, content, Cancellation)).EnsureSuccessStatusCode();
        Uri read = await Objects.PresignAsync(url, TimeSpan.FromMinutes(1));
        Assert.Equal(bytes, await http.GetByteArrayAsync(read, Cancellation));
        Assert.Equal(bytes, await Objects.ReadAsync(url, Cancellation));
        HttpResponseMessage refused = await http.PutAsync(read, content, Cancellation);
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
    }

    private sealed class Counter : IProgress<long>
    {
        private long _sum;

        public long Sum => Interlocked.Read(ref _sum);

        public void Report(long value) => Interlocked.Add(ref _sum, value);
    }

    private sealed class Told(Action told) : IProgress<long>
    {
        public void Report(long value) => told();
    }
}
