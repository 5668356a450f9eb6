using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Storage.Blocks;
using Lepton.Storage.Hosting;
using Lepton.Storage.Replication;
using Lepton.Storage.Tests.Processes;
using Lepton.Storage.Tests.Replication;

namespace Lepton.Storage.Tests.Scrubbing;

/// <summary>Damage of which there is no good copy anywhere.</summary>
public sealed class LostObjectsTests : IAsyncDisposable
{
    private const string Bucket = "lost";
    private readonly NodeGroup _group = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task Scrub_OneNode_NamesTheObjectsUntilTheyAreMended()
    {
        StorageNode node = await _group.StartAsync(
            "s1", static options => options with { ScrubWithin = TimeSpan.FromSeconds(1) });
        AmazonS3Client s3 = _group.NewS3("s1");
        await s3.PutBucketAsync(Bucket, Cancellation);
        byte[] shared = Pattern.Of(30_000, 1);
        await _group.PutAsync("s1", Bucket, "one", shared);
        await _group.PutAsync("s1", Bucket, "two\nlines", shared);
        await _group.PutAsync("s1", Bucket, "large", Pattern.Of(3_000_000, 2));
        await _group.PutAsync("s1", Bucket, "whole", Pattern.Of(30_000, 3));
        Damage(node, BlockId.Of(shared));
        Damage(node, (await node.Objects.FindAsync(Bucket, "large", Cancellation)).Record.Content.Refs[0].Id);
        await ProcessGroup.UntilAsync(
            () => Task.FromResult(node.Lost.Report.Blocks == 2 ? null : $"{node.Lost.Report}"),
            "two damaged blocks are found");

        LostReport report = node.Lost.Report;
        Assert.Equal(3, report.Objects);
        Assert.Equal([$"{Bucket}/large", $"{Bucket}/one", $"{Bucket}/two\uFFFDlines"], report.Names);
        await node.Status.ReportAsync(Cancellation);
        StorageNodeStatus status = Assert.Single(
            (await new StorageCluster(_group.Client).StatusAsync(Cancellation)).Nodes);
        Assert.Equal(3, status.ObjectsLost);
        Assert.Equal(report.Names, status.ObjectsLostNames);
        Assert.True(status.ScrubDamaged >= 2, $"{status}");

        await _group.PutAsync("s1", Bucket, "one", shared);
        await s3.DeleteObjectAsync(Bucket, "large", Cancellation);
        await node.Repair.RunOnceAsync(Cancellation);
        await node.Lost.NameAsync(Cancellation);
        Assert.Equal(0, node.Lost.Report.Objects);
        Assert.Equal(shared, await _group.GetAsync("s1", Bucket, "two\nlines"));
    }

    private static void Damage(StorageNode node, BlockId id)
    {
        BlockLocation at = node.Blocks.Index.Find(id)!.Value;
        at.Segment.File.Write([new byte[] { 1, 2, 3 }], at.Offset + 100);
    }
}
