using Amazon.Runtime;
using Amazon.S3;
using Lepton.Objects;
using Lepton.Objects.Tests;

namespace Lepton.Cli.Tests.Objects;

/// <summary>Ctrl-C in the middle.</summary>
public sealed class ObjectCancelTests(StoreFixture store) : ObjectTest(store)
{
    private const int PartBytes = 16 << 20;

    [Fact]
    public async Task CtrlC_WhilePutting_LeavesNoObjectAndNoUpload()
    {
        using AmazonS3Client s3 = new(
            new BasicAWSCredentials(Address.KeyId, Address.Secret),
            new AmazonS3Config { ServiceURL = Address.Endpoint, ForcePathStyle = true });
        await using StartedLepton put = Start("put", "-", $"{Url}/half");
        await put.Input.WriteAsync(new byte[PartBytes + 1], Cancellation);
        await put.Input.FlushAsync(Cancellation);
        using PeriodicTimer clock = new(TimeSpan.FromMilliseconds(20));
        using CancellationTokenSource limit = LeptonRun.NewLimit();
        while (await UploadsAsync(s3) == 0)
        {
            await clock.WaitForNextTickAsync(limit.Token);
        }

        await put.SignalAsync("INT");
        using LeptonRun run = await put.EndAsync();
        Assert.Equal(("", "lepton: cancelled.\n", 130), (run.Output, run.Error, run.ExitCode));
        Assert.Equal(0, await UploadsAsync(s3));
        Assert.Empty(await KeysAsync());
    }

    [Fact]
    public async Task CtrlC_WhileGetting_LeavesNoFile()
    {
        using StallingStore stalling = new();
        await using StartedLepton get = Start(
            "get", "s3://b/slow", Folder.File("slow"), "--endpoint", stalling.Address);
        await stalling.StalledAsync();
        await get.SignalAsync("INT");
        using LeptonRun run = await get.EndAsync();
        Assert.Equal(("", "lepton: cancelled.\n", 130), (run.Output, run.Error, run.ExitCode));
        Assert.Empty(FilesBelow(""));
    }

    private async Task<int> UploadsAsync(AmazonS3Client s3) =>
        (await s3.ListMultipartUploadsAsync(Bucket.Bucket, Cancellation)).MultipartUploads?.Count ?? 0;
}
