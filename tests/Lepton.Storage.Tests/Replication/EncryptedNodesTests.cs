using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Storage.Blocks;
using Lepton.Storage.Hosting;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Tests.Replication;

/// <summary>Encrypted and compressed blocks over several nodes of one process.</summary>
public sealed class EncryptedNodesTests : IAsyncDisposable
{
    private const string Bucket = "many";
    private readonly NodeGroup _group = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task Get_EncryptedCopiesDamaged_IsReadThroughAnyAndTheyAreMadeAgain()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await EncryptAsync();
        byte[] content = Pattern.Of(200_000, 1);
        await _group.PutAsync("s1", Bucket, "a", content);
        IReadOnlyList<BlockRef> blocks = await RefsAsync();
        foreach (string name in new[] { "s1", "s2" })
        {
            BlockLocation at = _group[name].Blocks.Index.Find(blocks[1].Id)!.Value;
            at.Segment.File.Write([new byte[] { 1, 2, 3 }], at.Offset + 1000);
        }

        foreach (string name in new[] { "s1", "s2", "s3" })
        {
            Assert.Equal(content, await _group.GetAsync(name, Bucket, "a"));
        }

        await _group["s1"].RepairsDoneAsync(Cancellation);
        await _group["s2"].RepairsDoneAsync(Cancellation);
        foreach (string name in new[] { "s1", "s2", "s3" })
        {
            using BlockBuffer copy = _group[name].Blocks.Read(blocks[1].Id);
            Assert.Equal(blocks[1].Id, BlockId.Of(copy.Content.Span));
        }
    }

    [Fact]
    public async Task Repair_NodeJoinsAfterALoss_HasEncryptedAndCompressedBlocksToo()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await EncryptAsync();
        byte[] content = Pattern.Of(300_000, 1);
        byte[] text = new byte[300_000];
        await _group.PutAsync("s2", Bucket, "a", content);
        await _group.NewS3("s1").PutBucketAsync("plain", Cancellation);
        await _group.PutAsync("s2", "plain", "text", text);
        await _group.StopAsync("s3");
        await new StorageCluster(_group.Client).RemoveAsync("s3", isLost: true, Cancellation);
        await _group.StartAsync("s4");
        foreach (string name in new[] { "s1", "s2", "s4" })
        {
            await _group[name].Repair.RunOnceAsync(Cancellation);
        }

        Assert.Equal(_group["s1"].Blocks.Count, _group["s4"].Blocks.Count);
        Assert.Equal(_group["s1"].Blocks.BlockBytes, _group["s4"].Blocks.BlockBytes);
        await _group.StopAsync("s1");
        Assert.Equal(content, await _group.GetAsync("s4", Bucket, "a"));
        Assert.Equal(text, await _group.GetAsync("s4", "plain", "text"));
        await _group["s4"].Status.ReportAsync(Cancellation);
        (_, IReadOnlyList<StorageNodeStatus> nodes) =
            await new StorageCluster(_group.Client).StatusAsync(Cancellation);
        StorageNodeStatus status = nodes.Single(static node => node.Name == "s4");
        Assert.InRange(status.StoredBytes!.Value, 300_000, status.PlainBytes!.Value - 60_000);
    }

    [Fact]
    public async Task Rotate_ByTheCommandsWay_OneNodeRewrapsAndAllRead()
    {
        await _group.StartAsync("s1", "s2");
        await EncryptAsync();
        byte[] content = Pattern.Of(200_000, 1);
        await _group.PutAsync("s1", Bucket, "a", content);
        Assert.Equal(content, await _group.GetAsync("s2", Bucket, "a"));
        StorageEncryption keys = new(_group.Client, _group.DirectoryOf("s1"));
        StorageClusterKey old = Assert.Single(await keys.ListAsync(Cancellation));
        Assert.Equal("current", old.State);
        string current = await keys.RotateAsync(Cancellation);
        StorageException e = await Assert.ThrowsAsync<StorageException>(() => keys.DropAsync(old.Id, Cancellation));
        Assert.Contains("may still need", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<StorageException>(() => keys.DropAsync(current, Cancellation));
        await Assert.ThrowsAsync<StorageException>(() => keys.DropAsync("0", Cancellation));
        // Both still take the old one for the current key, until a commit tells otherwise.
        await _group.PutAsync("s2", Bucket, "b", content);
        await _group["s1"].Rotation.RunOnceAsync(Cancellation);
        await _group["s2"].Rotation.RunOnceAsync(Cancellation);
        Assert.Equal(["unused", "current"], (await keys.ListAsync(Cancellation)).Select(static key => key.State));
        await keys.DropAsync(old.Id, Cancellation);
        Assert.Equal(current, Assert.Single(await keys.ListAsync(Cancellation)).Id);
        await _group.StopAsync("s1");
        await _group.StartAsync("s1");
        Assert.Equal(content, await _group.GetAsync("s1", Bucket, "a"));
        Assert.Equal(content, await _group.GetAsync("s1", Bucket, "b"));
    }

    private async Task EncryptAsync()
    {
        AmazonS3Client s3 = _group.NewS3("s1");
        await s3.PutBucketAsync(Bucket, Cancellation);
        await s3.PutBucketEncryptionAsync(
            new PutBucketEncryptionRequest
            {
                BucketName = Bucket,
                ServerSideEncryptionConfiguration = new ServerSideEncryptionConfiguration
                {
                    ServerSideEncryptionRules =
                    [
                        new ServerSideEncryptionRule
                        {
                            ServerSideEncryptionByDefault = new ServerSideEncryptionByDefault
                            {
                                ServerSideEncryptionAlgorithm = ServerSideEncryptionMethod.AES256,
                            },
                        },
                    ],
                },
            },
            Cancellation);
    }

    private async Task<IReadOnlyList<BlockRef>> RefsAsync()
    {
        ObjectRecord record = (await _group["s1"].Objects.FindAsync(Bucket, "a", Cancellation)).Record;
        Assert.NotNull(record.Encryption);
        return record.Content.Refs;
    }
}
