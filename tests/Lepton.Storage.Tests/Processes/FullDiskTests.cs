using Amazon.S3;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Processes;

/// <summary>Nodes whose data lies on small file systems, which fill up and get room again.</summary>
public sealed class FullDiskTests : IAsyncDisposable
{
    private const int DiskMegabytes = 32;
    private readonly ProcessGroup _group = new();
    private readonly List<SmallDisk> _disks = [];

    public async ValueTask DisposeAsync()
    {
        await _group.DisposeAsync();
        _disks.ForEach(static disk => disk.Dispose());
    }

    [Fact]
    public async Task Put_TheOnlyDiskIsFull_IsRefusedReadsGoOnAfterARestartTooAndThenWritesDo()
    {
        SmallDisk disk = NewDisk();
        await StartAsync(("s1", disk.Folder));
        await _group.PutAsync("s1", "before", ContentOf(1));
        disk.Fill();
        for (ulong i = 2; i < 5; i++)
        {
            AmazonS3Exception e = await Assert.ThrowsAsync<AmazonS3Exception>(
                () => _group.PutAsync("s1", "refused", ContentOf(i)));
            Assert.Equal("InsufficientStorage", e.ErrorCode);
            Assert.Contains("is full", e.Message, StringComparison.Ordinal);
            Assert.Contains("Make room", e.Message, StringComparison.Ordinal);
        }

        await Assert.ThrowsAsync<AmazonS3Exception>(() => _group.PutAsync("s1", "before", ContentOf(6)));
        Assert.Null(await _group.GetAsync("s1", "refused"));
        Assert.Equal(["before"], await _group.ListAsync("s1"));
        Assert.Equal(ContentOf(1), await _group.GetAsync("s1", "before"));

        await RestartAsync();
        await Assert.ThrowsAsync<AmazonS3Exception>(() => _group.PutAsync("s1", "refused", ContentOf(6)));
        Assert.Equal(ContentOf(1), await _group.GetAsync("s1", "before"));

        disk.Free();
        await _group.PutAsync("s1", "after", ContentOf(7));
        await RestartAsync();
        Assert.Equal(["after", "before"], await _group.ListAsync("s1"));
        Assert.Equal(ContentOf(1), await _group.GetAsync("s1", "before"));
        Assert.Equal(ContentOf(7), await _group.GetAsync("s1", "after"));
    }

    [Fact]
    public async Task Put_OneDiskOfThreeIsFull_OthersTakeItAndItsCopiesComeBack()
    {
        SmallDisk disk = NewDisk();
        await StartAsync(("s1", null), ("s2", null), ("s3", disk.Folder));
        disk.Fill();
        await _group.PutAsync("s1", "a", ContentOf(1));
        await _group.PutAsync("s3", "b", ContentOf(2));
        HashSet<BlockId> blocks = _group.GoodBlocksOf("s1");
        Assert.Subset(_group.GoodBlocksOf("s2"), blocks);
        Assert.Equal(ContentOf(1), await _group.GetAsync("s3", "a"));
        Assert.Equal(ContentOf(2), await _group.GetAsync("s3", "b"));

        disk.Free();

        // Who lacks a copy where it belongs has it made again behind a read.
        Assert.Equal(ContentOf(1), await _group.GetAsync("s3", "a"));
        Assert.Equal(ContentOf(2), await _group.GetAsync("s3", "b"));
        await _group.HealedAsync("s3", blocks, "what did not fit on the full disk comes to it");
    }

    private async Task RestartAsync()
    {
        await _group.KillAsync("s1");
        await _group.StartAsync("s1", directory: null);
    }

    private static byte[] ContentOf(ulong seed) => Pattern.Of(2_500_000, seed);

    private SmallDisk NewDisk()
    {
        SmallDisk disk = new(DiskMegabytes);
        _disks.Add(disk);
        return disk;
    }

    private async Task StartAsync(params (string Name, string? Directory)[] nodes)
    {
        foreach ((string name, string? directory) in nodes)
        {
            await _group.StartAsync(name, directory);
        }

        await _group.MakeBucketAsync();
    }
}
