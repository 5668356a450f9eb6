using System.Globalization;
using Amazon.S3;
using Lepton.Coordination.Hosting;
using Lepton.Coordination.Tests.Servers;

namespace Lepton.Storage.Tests.Processes;

/// <summary>A node whose coordinator comes later, or never.</summary>
public sealed class LateCoordinatorTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly Uri _address =
        new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePorts.Find(1)[0]}"));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Start_BeforeTheCoordinator_WaitsAndSaysForWhom()
    {
        using StorageProcess node = StorageProcess.Begin(_address, _folder.Child("s1"), "s1");
        await node.SaysAsync("does not answer yet; it is waited for");
        Assert.Contains($"127.0.0.1:{_address.Port}", node.Said, StringComparison.Ordinal);
        await using Coordinator member = await Coordinator.StartAsync(new CoordinatorOptions
        {
            Name = "late",
            DataDir = _folder.Child("late"),
            ListenClientUrls = [_address.GetLeftPart(UriPartial.Authority)],
            ListenPeerUrls = ["http://127.0.0.1:0"],
        });
        await node.ServesAsync();
        using AmazonS3Client s3 = node.NewS3();
        await s3.PutBucketAsync("late", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Start_NoCoordinatorInTime_EndsAsForOneThatCannotBeReached()
    {
        (int code, _, string error) = await StorageProcess.RunAsync(
            "storage", "--data-dir", _folder.Child("s1"), "--listen", "http://127.0.0.1:0", "--coordination",
            _address.GetLeftPart(UriPartial.Authority), "--coordination-wait", "5");
        Assert.Equal(14, code);
        Assert.Contains("does not answer yet; it is waited for", error, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{_address.Port}", error.Split('\n')[^2], StringComparison.Ordinal);
    }
}
