using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Hosting;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;

namespace Lepton.Storage.Tests.Replication;

/// <summary>Objects over several nodes of one process.</summary>
public sealed class ManyNodesTests : IAsyncDisposable
{
    private const string Bucket = "many";
    private readonly NodeGroup _group = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    [Fact]
    public async Task Put_ThreeNodes_IsOnAllAndReadThroughAny()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        byte[] content = Pattern.Of(1_000_000, 1);
        await _group.PutAsync("s1", Bucket, "a", content);
        int blocks = (content.Length + 65535) / 65536;
        Assert.Equal(blocks, _group["s1"].Blocks.Count);
        Assert.Equal(blocks, _group["s2"].Blocks.Count);
        Assert.Equal(blocks, _group["s3"].Blocks.Count);
        foreach (string name in new[] { "s1", "s2", "s3" })
        {
            Assert.Equal(content, await _group.GetAsync(name, Bucket, "a"));
        }
    }

    [Fact]
    public async Task Stop_AnyOfThree_EverythingIsReadAndWritten()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        byte[] before = Pattern.Of(300_000, 1);
        await _group.PutAsync("s2", Bucket, "before", before);
        await _group.StopAsync("s2");
        byte[] after = Pattern.Of(300_000, 2);
        await _group.PutAsync("s1", Bucket, "after", after);
        Assert.Equal(before, await _group.GetAsync("s3", Bucket, "before"));
        Assert.Equal(after, await _group.GetAsync("s3", Bucket, "after"));
    }

    [Fact]
    public async Task Put_OneOfThreeIsLeft_IsRefusedAndNothingIsThere()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        await _group.PutAsync("s1", Bucket, "a", [1, 2, 3]);
        await _group.StopAsync("s2");
        await _group.StopAsync("s3");
        AmazonS3Exception e = await Assert.ThrowsAsync<AmazonS3Exception>(
            () => _group.PutAsync("s1", Bucket, "b", [4]));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, e.StatusCode);
        Assert.Contains("'s2'", e.Message, StringComparison.Ordinal);
        e = await Assert.ThrowsAsync<NoSuchKeyException>(() => _group.GetAsync("s1", Bucket, "b"));
        Assert.Equal(HttpStatusCode.NotFound, e.StatusCode);
        Assert.Equal([1, 2, 3], await _group.GetAsync("s1", Bucket, "a"));
    }

    [Fact]
    public async Task Get_CopiesDamagedAndMissing_IsReadAndTheyAreMadeAgain()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        byte[] content = Pattern.Of(60_000, 1);
        await _group.PutAsync("s1", Bucket, "a", content);
        BlockId id = BlockId.Of(content);
        foreach (string name in new[] { "s1", "s2" })
        {
            BlockLocation at = _group[name].Blocks.Index.Find(id)!.Value;
            at.Segment.File.Write([new byte[] { 1, 2, 3 }], at.Offset + 1000);
        }

        Assert.Equal(content, await _group.GetAsync("s1", Bucket, "a"));
        Assert.Equal(content, await _group.GetAsync("s2", Bucket, "a"));
        await _group["s1"].RepairsDoneAsync(Cancellation);
        await _group["s2"].RepairsDoneAsync(Cancellation);
        foreach (string name in new[] { "s1", "s2", "s3" })
        {
            using BlockBuffer copy = _group[name].Blocks.Read(id);
            Assert.Equal(content, copy.Content.ToArray());
        }
    }

    [Fact]
    public async Task Trap55_NodesJoinAfterAWrite_ItIsReadThroughThemAtOnce()
    {
        await _group.StartAsync("s1");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        byte[] content = Pattern.Of(500_000, 1);
        await _group.PutAsync("s1", Bucket, "a", content);
        await _group.StartAsync("s2", "s3", "s4", "s5");
        foreach (string name in new[] { "s5", "s4", "s3", "s2", "s1" })
        {
            Assert.Equal(content, await _group.GetAsync(name, Bucket, "a"));
        }
    }

    [Fact]
    public async Task Repair_NodeJoinsThenAnotherGoes_EachBlockIsOnThreeAgain()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        byte[] content = Pattern.Of(3_000_000, 1);
        await _group.PutAsync("s1", Bucket, "a", content);
        List<BlockId> blocks = [.. _group["s1"].Blocks.Ids()];
        await _group.StartAsync("s4", configure: null);
        await _group.KnowEachOtherAsync();
        Assert.Empty(await _group["s1"].Objects.Contents.Blocks.FindSurplusAsync(blocks, Cancellation));
        await RepairAsync("s1", "s2", "s3", "s4");
        Assert.All(blocks, block => Assert.All(
            _group["s1"].Cluster.View.Layout.TargetsOf(block),
            target => Assert.True(_group.Of(target).Blocks.Has(block))));
        Assert.NotEmpty(await _group["s1"].Objects.Contents.Blocks.FindSurplusAsync(blocks, Cancellation));

        await _group.StopAsync("s2");
        await RepairAsync("s1", "s3", "s4");
        Assert.All(blocks, block => Assert.All(
            new[] { "s1", "s3", "s4" }, name => Assert.True(_group[name].Blocks.Has(block))));
        Assert.Equal(content, await _group.GetAsync("s4", Bucket, "a"));
    }

    [Fact]
    public async Task Trap58_TwoOfFourVanish_NothingIsMoved()
    {
        await _group.StartAsync("s1", "s2", "s3", "s4");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        await _group.PutAsync("s1", Bucket, "a", Pattern.Of(1_000_000, 1));
        await _group.StopAsync("s2");
        await _group.StopAsync("s3");
        int before = _group["s1"].Blocks.Count;
        await RepairAsync("s1", "s4");
        Assert.True(_group["s1"].Repair.Progress.IsBraked);
        Assert.Equal(before, _group["s1"].Blocks.Count);
    }

    [Fact]
    public async Task Commit_SessionTakenForDead_IsRefusedAndOthersLetGoOfTheBlocks()
    {
        await _group.StartAsync("s1", "s2", "s3");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        StorageNode s1 = _group["s1"];
        StorageNode s2 = _group["s2"];
        using MemoryStream body = new(Pattern.Of(100_000, 1));
        using BlockUpload upload = await s1.Objects.Contents.StoreAsync(body, body.Length, [], Cancellation);
        Assert.Equal(1, s2.Peers.Local.Pins.Count);
        await _group.Client.DeleteAsync(MetadataKeys.LiveNode(s1.Cluster.Self));
        await s2.Cluster.WaitAsync(view => !view.IsLive(s1.Cluster.Self), Cancellation);
        Assert.Equal(0, s2.Peers.Local.Pins.Count);
        StoreException e = await Assert.ThrowsAsync<StoreException>(() => s1.Objects.PutAsync(
            Bucket, "a", upload, AttributesRecord.Empty, WriteCondition.None, Cancellation));
        Assert.Equal(StoreFailure.SessionOver, e.Failure);
        await Assert.ThrowsAsync<NoSuchKeyException>(() => _group.GetAsync("s3", Bucket, "a"));
    }

    [Fact]
    public async Task Session_LeaseEnds_AnotherBeginsAndWritesGoOn()
    {
        await _group.StartAsync("s1", options => options with { LeaseTime = TimeSpan.FromSeconds(3) });
        StorageNode s1 = _group["s1"];
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        KeyValue live = (await _group.Client.GetAsync(
            MetadataKeys.LiveNode(s1.Cluster.Self), cancellationToken: Cancellation))!;
        await _group.Client.RevokeLeaseAsync(live.Lease, cancellationToken: Cancellation);
        await s1.Cluster.WaitAsync(
            view => view.Live.GetValueOrDefault(s1.Cluster.Self) > live.ModRevision, Cancellation);
        using PeriodicTimer clock = new(TimeSpan.FromMilliseconds(10));
        while (s1.Cluster.Session is null)
        {
            // The watch may tell of the key before the answer to its put is here.
            await clock.WaitForNextTickAsync(Cancellation);
        }

        await _group.PutAsync("s1", Bucket, "a", [1, 2, 3]);
        Assert.False(s1.Completion.IsCompleted);
    }

    [Fact]
    public async Task Start_CopyOfARunningNodesDirectory_StopsTheEarlierOne()
    {
        await _group.StartAsync("s1");
        StorageNode before = _group["s1"];
        string copy = _group.DirectoryOf("copy");
        CopyDirectory(_group.DirectoryOf("s1"), copy);
        await using StorageNode after = await _group.StartAsync("s1", options => options with
        {
            DataDir = copy, SecretKeyFile = null,
        });
        StorageException e = await Assert.ThrowsAsync<StorageException>(
            () => before.Completion.WaitAsync(Cancellation));
        Assert.Contains("Another process", e.Message, StringComparison.Ordinal);
        await before.DisposeAsync();
    }

    [Fact]
    public async Task Drain_ThenRemove_BlocksAreElsewhereAndTheNodeStops()
    {
        await _group.StartAsync("s1", "s2", "s3", "s4");
        await _group.NewS3("s1").PutBucketAsync(Bucket, Cancellation);
        byte[] content = Pattern.Of(1_000_000, 1);
        await _group.PutAsync("s1", Bucket, "a", content);
        StorageCluster cluster = new(_group.Client);
        await _group["s1"].Upkeep.RunOnceAsync();
        await ReportAsync("s1");
        await RemoveRefusedAsync(cluster, "First lepton storage drain s1");
        await cluster.DrainAsync("s1", isDraining: true, Cancellation);
        foreach (string name in new[] { "s1", "s2", "s3", "s4" })
        {
            await _group[name].Cluster.WaitAsync(view => view.Layout.Active.Count == 3, Cancellation);
        }

        // What it said before it was drained counts for nothing; nor does what it has is elsewhere yet.
        await RemoveRefusedAsync(cluster, "has not said yet what it has to keep");
        await _group["s1"].Upkeep.RunOnceAsync();
        await ReportAsync("s1");
        await RemoveRefusedAsync(cluster, "still has [0-9]+ blocks of which other nodes lack copies");
        await RepairAsync("s2", "s3", "s4");
        await _group["s1"].Upkeep.RunOnceAsync();
        await ReportAsync("s1", "s2", "s3", "s4");
        (_, IReadOnlyList<StorageNodeStatus> nodes) = await cluster.StatusAsync(Cancellation);
        Assert.Equal(["draining", "live", "live", "live"], nodes.Select(node => node.State));
        Assert.Equal(0, nodes[0].BlocksToKeep);
        Assert.All(nodes.Skip(1), node => Assert.Equal(0, node.CopiesMissing));

        await cluster.RemoveAsync("s1", isLost: false, Cancellation);
        StorageException e = await Assert.ThrowsAsync<StorageException>(
            () => _group["s1"].Completion.WaitAsync(Cancellation));
        Assert.Contains("removed", e.Message, StringComparison.Ordinal);
        Assert.Equal(content, await _group.GetAsync("s2", Bucket, "a"));
    }

    [Fact]
    public async Task Start_WrongKeyNameCopiesOrDirectory_IsRefusedWithWhatIsWrong()
    {
        await _group.StartAsync("s1", "s2");
        await RefusedAsync("s3", "--secret-key", options => options with { SecretKeyFile = null });
        string wrong = Path.Combine(_group.DirectoryOf("s2"), "wrong.key");
        await File.WriteAllTextAsync(wrong, new string('a', 64), Cancellation);
        await RefusedAsync("s4", "fingerprint", options => options with { SecretKeyFile = wrong });
        await RefusedAsync("s5", "3 copies, and 2", options => options with { Copies = 2 });
        await RefusedAsync(
            "s6", "a node 's1' already", options => options with { Name = "s1", DataDir = _group.DirectoryOf("s6") });

        await _group.StopAsync("s2");
        string copy = _group.DirectoryOf("copy");
        CopyDirectory(_group.DirectoryOf("s2"), copy);
        await _group.StartAsync("s2", configure: null);
        await _group.StopAsync("s2");
        await RefusedAsync("s2", "old copy", options => options with { DataDir = copy });
        await _group.StartAsync("s2", configure: null);
    }

    private static async Task RemoveRefusedAsync(StorageCluster cluster, string expected)
    {
        StorageException e = await Assert.ThrowsAsync<StorageException>(
            () => cluster.RemoveAsync("s1", isLost: false, Cancellation));
        Assert.Matches(expected, e.Message);
    }

    private async Task ReportAsync(params string[] names)
    {
        foreach (string name in names)
        {
            await _group[name].Status.ReportAsync(Cancellation);
        }
    }

    private async Task RepairAsync(params string[] names)
    {
        foreach (string name in names)
        {
            await _group[name].Repair.RunOnceAsync(Cancellation);
            if (_group[name].Cluster.View is var view && view.Live.Count < view.Layout.Nodes.Count)
            {
                // Who has just been seen to be gone is lost the next time.
                await _group[name].Repair.RunOnceAsync(Cancellation);
            }
        }
    }

    private async Task RefusedAsync(string name, string expected, Func<StorageOptions, StorageOptions> configure)
    {
        StorageException e = await Assert.ThrowsAsync<StorageException>(() => _group.StartAsync(name, configure));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    private static void CopyDirectory(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories)
            .Where(static file => Path.GetFileName(file) != "lock"))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }
}
