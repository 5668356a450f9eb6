using System.Buffers.Binary;
using Lepton.Core;
using Lepton.Core.Durability;
using Lepton.Core.Hashing;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Blocks;

/// <summary>Disks that fail, fill up or rot.</summary>
public sealed class BlockFailureTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private Exception? _flushFault;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Roll_FlushFails_NothingIsAcknowledgedEverAgain()
    {
        await using BlockStore store = Open();
        List<BlockException> told = [];
        store.Failed += told.Add;
        await store.PutAsync(Pattern.Of(400, 1), Cancellation);

        // The kernel tells of lost pages once, and the next flush succeeds.
        _flushFault = new IOException("Input/output error");
        BlockException e = await Assert.ThrowsAsync<BlockException>(() => store.RollAsync(Cancellation));
        _flushFault = null;

        Assert.Equal(BlockFailure.DiskFailed, e.Failure);
        e = await Assert.ThrowsAsync<BlockException>(store.SyncAsync);
        Assert.Equal(BlockFailure.DiskFailed, e.Failure);
        Assert.Single(told);
    }

    [Fact]
    public async Task Read_SegmentThatIsGone_IsMissing()
    {
        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        await store.RollAsync(Cancellation);
        store.ClosedSegments()[0].Delete();
        BlockException e = Assert.Throws<BlockException>(() => store.Read(block.Id));
        Assert.Equal(BlockFailure.Missing, e.Failure);
    }

    [Fact]
    public async Task Delete_SegmentThatABlockLiesIn_IsRefused()
    {
        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        await store.RollAsync(Cancellation);
        Assert.Throws<InvariantException>(() => store.Delete(store.ClosedSegments()[0]));
        store.Read(block.Id).Dispose();
    }

    [Fact]
    public async Task Open_LastBlockRotten_IsKeptAndTold()
    {
        BlockRef last;
        await using (BlockStore store = Open())
        {
            await store.PutAsync(Pattern.Of(400, 1), Cancellation);
            last = await store.PutAsync(Pattern.Of(500, 2), Cancellation);
            await store.SyncAsync();
        }

        string segment = Assert.Single(Directory.GetFiles(_folder.Path, "*.seg"));
        long length = new FileInfo(segment).Length;
        using (FileStream file = new(segment, FileMode.Open))
        {
            file.Position = length - 1;
            int value = file.ReadByte();
            file.Position = length - 1;
            file.WriteByte((byte)(value ^ 0x10));
        }

        await using BlockStore again = Open();
        BlockDamage damage = Assert.Single(again.Damages);
        Assert.Equal(last.Id, damage.Id);
        Assert.Contains("may never have been acknowledged", damage.ToString(), StringComparison.Ordinal);
        Assert.Equal(length, new FileInfo(segment).Length);
        BlockRef next = await again.PutAsync(Pattern.Of(600, 3), Cancellation);
        using BlockBuffer read = again.Read(next.Id);
        Assert.Equal(Pattern.Of(600, 3), read.Content.ToArray());
    }

    [Fact]
    public async Task Read_SectorCanNotBeRead_IsDamagedAndReplacedByTheNextPut()
    {
        ObservedDisk disk = new(_folder.Path);
        await using BlockStore store = BlockStore.Open(
            new BlockStoreOptions { Directory = _folder.Path, Disk = disk });
        BlockRef block = await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        disk.IsUnreadable = true;
        BlockException e = Assert.Throws<BlockException>(() => store.Read(block.Id));
        Assert.Equal(BlockFailure.Damaged, e.Failure);
        Assert.False(store.Has(block.Id));
        await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        Assert.True(store.Has(block.Id));
        disk.IsUnreadable = false;
        store.Read(block.Id).Dispose();
    }

    [Fact]
    public async Task Put_SectorThatCouldNotBeReadForAWhile_CountsAgain()
    {
        ObservedDisk disk = new(_folder.Path);
        await using BlockStore store = BlockStore.Open(
            new BlockStoreOptions { Directory = _folder.Path, Disk = disk });
        BlockRef block = await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        long bytes = store.Bytes;
        disk.IsUnreadable = true;
        Assert.Throws<BlockException>(() => store.Read(block.Id));
        Assert.False(store.Has(block.Id));
        disk.IsUnreadable = false;
        await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        Assert.True(store.Has(block.Id));
        Assert.Equal(bytes, store.Bytes);
    }

    [Fact]
    public async Task Open_ProcessWasKilledBeforeItFlushedTheNameOfASegment_FlushesIt()
    {
        await using (BlockStore store = Open())
        {
            await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        }

        ObservedDisk disk = new(_folder.Path);
        await using BlockStore again = BlockStore.Open(
            new BlockStoreOptions { Directory = _folder.Path, Disk = disk });
        Assert.Equal(1, disk.NameFlushes);
    }

    [Fact]
    public async Task Open_HeaderOfASegmentRotten_ItsBlocksAreThereAndTheDamageIsTold()
    {
        BlockRef first;
        await using (BlockStore store = Open())
        {
            first = await store.PutAsync(Pattern.Of(400, 1), Cancellation);
            await store.RollAsync(Cancellation);
            await store.PutAsync(Pattern.Of(500, 2), Cancellation);
            await store.SyncAsync();
        }

        foreach (string path in Directory.GetFiles(_folder.Path, "*.seg"))
        {
            using FileStream file = new(path, FileMode.Open);
            file.WriteByte(0);
        }

        await using BlockStore again = Open();
        Assert.Equal(2, again.Count);
        Assert.Equal(2, again.Damages.Count);
        Assert.All(again.Damages, damage => Assert.Equal((0, 16), (damage.Offset, damage.Length)));
        using BlockBuffer read = again.Read(first.Id);
        Assert.Equal(Pattern.Of(400, 1), read.Content.ToArray());
    }

    [Fact]
    public async Task Open_HeaderOfTheLastSegmentNeverFlushed_AnotherTakesItsPlace()
    {
        await using (BlockStore store = Open())
        {
            await store.PutAsync(Pattern.Of(400, 1), Cancellation);
            await store.RollAsync(Cancellation);
        }

        // The power failed before the header was on the disk, but after the file's length was.
        string last = Directory.GetFiles(_folder.Path, "*.seg").Max(StringComparer.Ordinal)!;
        await File.WriteAllBytesAsync(last, new byte[16], Cancellation);
        await using BlockStore again = Open();
        Assert.Equal(1, again.Count);
        Assert.Empty(again.Damages);
        Assert.False(File.Exists(last));
    }

    [Theory]
    [InlineData(0, "garbage")]
    [InlineData(1, "garbage")]
    [InlineData(0, "empty")]
    [InlineData(1, "empty")]
    [InlineData(0, "other")]
    [InlineData(1, "other")]
    public async Task Open_SegmentIsNoneAnyMore_OthersAreReadAndWritesGoOn(int segment, string content)
    {
        List<BlockRef> blocks = [];
        await using (BlockStore store = Open())
        {
            blocks.Add(await store.PutAsync(Pattern.Of(400, 1), Cancellation));
            await store.RollAsync(Cancellation);
            blocks.Add(await store.PutAsync(Pattern.Of(500, 2), Cancellation));
            await store.SyncAsync();
        }

        string[] paths = [.. Directory.GetFiles(_folder.Path, "*.seg").Order()];
        await File.WriteAllBytesAsync(paths[segment], content switch
        {
            "garbage" => Pattern.Of(3000, 3),
            "other" => await File.ReadAllBytesAsync(paths[1 - segment], Cancellation),
            _ => [],
        }, Cancellation);

        BlockRef next;
        await using (BlockStore again = Open())
        {
            again.Read(blocks[1 - segment].Id).Dispose();
            Assert.False(again.Has(blocks[segment].Id));
            next = await again.PutAsync(Pattern.Of(600, 4), Cancellation);
            await again.SyncAsync();
        }

        await using BlockStore third = Open();
        third.Read(blocks[1 - segment].Id).Dispose();
        third.Read(next.Id).Dispose();
    }

    [Fact]
    public async Task Open_SegmentOfALaterVersion_IsRefused()
    {
        await Open().DisposeAsync();
        byte[] header = SegmentFormat.NewFileHeader();
        header[8] = 3;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Crc32C.Compute(header.AsSpan(0, 12)));
        string path = Directory.GetFiles(_folder.Path, "*.seg")[0];
        await File.WriteAllBytesAsync(path, header, Cancellation);
        IOException e = Assert.Throws<IOException>(Open);
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
        Assert.Contains("its format is 3, and this program reads 1 to 2", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(27, true)]
    [InlineData(28, true)]
    [InlineData(122, true)]
    [InlineData(5, false)]
    public void Is_ErrorOfAWrite_TellsFullFromBroken(int errno, bool isFull)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The numbers are Linux's.");
        Assert.Equal(isFull, DiskFull.Is(new IOException("fault", errno)));
    }

    private BlockStore Open() => BlockStore.Open(new BlockStoreOptions
    {
        Directory = _folder.Path,
        Flush = file =>
        {
            if (_flushFault is { } fault)
            {
                throw fault;
            }

            DurableFile.Fsync(file);
        },
    });
}
