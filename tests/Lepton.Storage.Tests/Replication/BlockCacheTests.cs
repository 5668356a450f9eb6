using Lepton.Storage.Blocks;
using Lepton.Storage.Replication;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Storage.Tests.Replication;

public sealed class BlockCacheTests : IDisposable
{
    private const int Kibibyte = 1024;
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Find_MoreThanMemoryHolds_LeastRecentlyUsedIsGone()
    {
        await using BlockCache cache = Open(memory: 3 * Kibibyte, disk: 0);
        BlockRef[] blocks = [.. Enumerable.Range(0, 3).Select(i => Add(cache, i))];
        AssertHas(cache, blocks[0], 0);

        BlockRef fourth = Add(cache, 3);

        Assert.Null(cache.Find(blocks[1]));
        AssertHas(cache, blocks[0], 0);
        AssertHas(cache, blocks[2], 2);
        AssertHas(cache, fourth, 3);
        Assert.Equal(new CacheReport(3 * Kibibyte, 0, 4, 1), cache.Report);
    }

    [Fact]
    public async Task Find_AfterAnotherStart_IsOnDisk()
    {
        BlockRef block;
        await using (BlockCache cache = Open(memory: 0, disk: 1024 * Kibibyte))
        {
            block = Add(cache, 1);
        }

        await using BlockCache again = Open(memory: 4 * Kibibyte, disk: 1024 * Kibibyte);
        AssertHas(again, block, 1);
        Assert.Equal(Kibibyte, again.Report.MemoryBytes);
    }

    [Fact]
    public async Task Find_DamagedOnDisk_IsNotGiven()
    {
        BlockRef block;
        await using (BlockCache cache = Open(memory: 0, disk: 1024 * Kibibyte))
        {
            block = Add(cache, 1);
        }

        string segment = Assert.Single(Directory.GetFiles(_folder.Path, "*.seg"));
        byte[] bytes = await File.ReadAllBytesAsync(segment, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes, TestContext.Current.CancellationToken);

        await using BlockCache again = Open(memory: 0, disk: 1024 * Kibibyte);
        Assert.Null(again.Find(block));
    }

    [Fact]
    public async Task Add_MoreThanTheDiskMayHave_OldestSegmentsGo()
    {
        const int Blocks = 400;
        const int Max = 4 * 1024 * Kibibyte;
        BlockRef[] blocks = new BlockRef[Blocks];
        for (int i = 0; i < Blocks; i++)
        {
            // Closing waits for what is to be written, so that nothing is left out here.
            await using BlockCache cache = Open(memory: 0, disk: Max);
            blocks[i] = Add(cache, i, 32 * Kibibyte);
        }

        await using BlockCache last = Open(memory: 0, disk: Max);
        Assert.InRange(last.Report.DiskBytes, Max / 2, Max + (Max / 4));
        Assert.Null(last.Find(blocks[0]));
        AssertHas(last, blocks[^1], Blocks - 1, 32 * Kibibyte);
    }

    [Fact]
    public async Task Open_FolderCanNotBeUsed_KeepsBlocksInMemoryAlone()
    {
        await File.WriteAllTextAsync(_folder.Child("file"), "", TestContext.Current.CancellationToken);
        await using BlockCache cache = BlockCache.Open(
            Path.Combine(_folder.Child("file"), "cache"),
            new ReplicationOptions { CacheMemoryBytesMax = 4 * Kibibyte, CacheDiskBytesMax = Kibibyte },
            NullLogger.Instance);

        AssertHas(cache, Add(cache, 1), 1);
        Assert.Equal(0, cache.Report.DiskBytes);
    }

    private static byte[] Content(int seed, int length) => Pattern.Of(length, (ulong)seed);

    private static BlockRef Add(BlockCache cache, int seed, int length = Kibibyte)
    {
        byte[] content = Content(seed, length);
        BlockRef block = new(BlockId.Of(content), length);
        cache.Add(block, content);
        return block;
    }

    private static void AssertHas(BlockCache cache, BlockRef block, int seed, int length = Kibibyte)
    {
        using BlockBuffer? found = cache.Find(block);
        Assert.NotNull(found);
        Assert.Equal(Content(seed, length), found.Content.ToArray());
    }

    private BlockCache Open(long memory, long disk) => BlockCache.Open(
        _folder.Path, new ReplicationOptions { CacheMemoryBytesMax = memory, CacheDiskBytesMax = disk },
        NullLogger.Instance);
}
