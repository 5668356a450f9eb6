using System.Security.Cryptography;

namespace Lepton.Objects.Tests;

/// <summary>Downloads that end too early, and are taken up again.</summary>
public sealed class ObjectResumeTests(StoreFixture store) : ClientTest(store)
{
    private const int PartBytes = 16 << 20;

    // Four parts are on their way at once: when more than four parts' bytes have come, one at least is whole.
    private const int Length = (5 * PartBytes) + 1;
    private static readonly string s_partial = $".out{PartialFile.Suffix}";

    private ObjectUrl Url => Bucket with { Key = "long" };

    [Fact]
    public async Task Resume_AfterAnEarlyEnd_TakesOnlyWhatIsMissing()
    {
        byte[] content = await PutAsync();
        await EndEarlyAsync();
        Assert.Equal([s_partial], Files.Where(static name => name != "in"));
        Assert.True(ObjectClient.IsPartial(PathOf(s_partial)));

        Counter came = new();
        long there = await Objects.ResumeDownloadAsync(Url, PathOf("out"), came, Cancellation);
        Assert.InRange(there, PartBytes, Length - 1);
        Assert.Equal(Length, came.Sum);
        await AssertIsAsync(content);
        Assert.Equal(["in", "out"], Files.Order());
    }

    [Fact]
    public async Task Resume_ObjectReplacedSince_BeginsAgain()
    {
        await PutAsync();
        await EndEarlyAsync();
        byte[] content = await PutAsync();
        Assert.Equal(0, await Objects.ResumeDownloadAsync(Url, PathOf("out"), null, Cancellation));
        await AssertIsAsync(content);
    }

    [Fact]
    public async Task Resume_PartialFileThatIsCutOrOfAnotherObject_BeginsAgain()
    {
        byte[] content = await PutAsync();
        await EndEarlyAsync();
        await using (FileStream cut = new(PathOf(s_partial), FileMode.Open))
        {
            cut.SetLength(cut.Length - 1);
        }

        Assert.Equal(0, await Objects.ResumeDownloadAsync(Url, PathOf("out"), null, Cancellation));
        await AssertIsAsync(content);

        await File.WriteAllTextAsync(PathOf(s_partial), "something else", Cancellation);
        Assert.Equal(0, await Objects.ResumeDownloadAsync(Url, PathOf("out"), null, Cancellation));
        await AssertIsAsync(content);
    }

    [Fact]
    public async Task Resume_ObjectReplacedOnTheWay_FailsAndLeavesNothing()
    {
        await PutAsync();
        Lazy<bool> replaced = new(() =>
        {
            Task.Run(() => Objects.PutAsync(Url, new byte[] { 1 }, Cancellation)).GetAwaiter().GetResult();
            return true;
        });
        ObjectException e = await Assert.ThrowsAsync<ObjectException>(() => Objects.ResumeDownloadAsync(
            Url, PathOf("out"), new Told(came => _ = came > 0 && replaced.Value), Cancellation));
        Assert.Equal(ObjectFailure.Changed, e.Failure);
        Assert.Equal(["in"], Files);
    }

    [Fact]
    public async Task Resume_AnotherProcessIsAtIt_IsRefused()
    {
        await PutAsync();
        await using FileStream held = new(PathOf(s_partial), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None);
        IOException e = await Assert.ThrowsAsync<IOException>(
            () => Objects.ResumeDownloadAsync(Url, PathOf("out"), null, Cancellation));
        Assert.Contains("wait for the other one that is at it, or delete it", e.Message, StringComparison.Ordinal);
    }

    private async Task AssertIsAsync(byte[] content) => Assert.True(
        (await File.ReadAllBytesAsync(PathOf("out"), Cancellation)).AsSpan().SequenceEqual(content));

    private async Task<byte[]> PutAsync()
    {
        byte[] content = RandomNumberGenerator.GetBytes(Length);
        await File.WriteAllBytesAsync(PathOf("in"), content, Cancellation);
        await Objects.UploadAsync(PathOf("in"), Url, cancellationToken: Cancellation);
        return content;
    }

    private async Task EndEarlyAsync()
    {
        using CancellationTokenSource end = new();
        Counter came = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Objects.ResumeDownloadAsync(
            Url, PathOf("out"),
            new Told(bytes =>
            {
                came.Report(bytes);
                if (came.Sum > 4 * PartBytes)
                {
                    end.Cancel();
                }
            }),
            end.Token));
    }

    private sealed class Counter : IProgress<long>
    {
        private long _sum;

        public long Sum => Interlocked.Read(ref _sum);

        public void Report(long value) => Interlocked.Add(ref _sum, value);
    }

    private sealed class Told(Action<long> told) : IProgress<long>
    {
        public void Report(long value) => told(value);
    }
}
