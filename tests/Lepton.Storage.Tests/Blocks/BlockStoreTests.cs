using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Blocks;

public sealed class BlockStoreTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Put_ThenReopened_ReadsTheSameBytes()
    {
        byte[] large = Pattern.Of(300_000, 1);
        byte[] small = Pattern.Of(7, 2);
        BlockRef first;
        BlockRef second;
        await using (BlockStore store = Open())
        {
            first = await store.PutAsync(large, Cancellation);
            second = await store.PutAsync(small, Cancellation);
            await store.SyncAsync();
        }

        await using BlockStore again = Open();
        Assert.Empty(again.Damages);
        Assert.Equal(2, again.Count);
        AssertHolds(again, first, large);
        AssertHolds(again, second, small);
    }

    [Fact]
    public async Task Put_ManySmallBlocks_ShareSegments()
    {
        await using BlockStore store = Open(segmentBytesMax: 1_000_000);
        for (ulong i = 0; i < 1000; i++)
        {
            await store.PutAsync(Pattern.Of(100, i), Cancellation);
        }

        await store.SyncAsync();
        Assert.Single(Segments());
    }

    [Fact]
    public async Task Put_SameBytesTwice_AreStoredOnce()
    {
        await using BlockStore store = Open();
        await store.PutAsync(Pattern.Of(1000, 1), Cancellation);
        long before = store.Bytes;
        await store.PutAsync(Pattern.Of(1000, 1), Cancellation);
        Assert.Equal(before, store.Bytes);
        Assert.Equal(1, store.Count);
    }

    [Fact]
    public async Task Read_BlockThatIsNotThere_SaysWhichAndWhere()
    {
        await using BlockStore store = Open();
        BlockException e = Assert.Throws<BlockException>(() => store.Read(BlockId.Of([1, 2, 3])));
        Assert.Equal(BlockFailure.Missing, e.Failure);
        Assert.Contains(BlockId.Of([1, 2, 3]).ToString(), e.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(SegmentFormat.RecordHeaderSize)]
    [InlineData(SegmentFormat.RecordHeaderSize + 499)]
    public async Task Open_AfterATornWrite_CutsItAndGoesOn(int bytesLeft)
    {
        byte[] kept = Pattern.Of(400, 1);
        BlockRef first;
        long good;
        await using (BlockStore store = Open())
        {
            first = await store.PutAsync(kept, Cancellation);
            good = store.Bytes;
            await store.PutAsync(Pattern.Of(500, 2), Cancellation);
            await store.SyncAsync();
        }

        using (FileStream file = new(Segments()[0], FileMode.Open))
        {
            file.SetLength(good + bytesLeft);
        }

        await using BlockStore again = Open();
        Assert.Empty(again.Damages);
        Assert.Equal(good, new FileInfo(Segments()[0]).Length);
        AssertHolds(again, first, kept);
        BlockRef third = await again.PutAsync(Pattern.Of(600, 3), Cancellation);
        AssertHolds(again, third, Pattern.Of(600, 3));
    }

    [Theory]
    [InlineData(SegmentFormat.FileHeaderSize + 3, false)]
    [InlineData(SegmentFormat.FileHeaderSize + SegmentFormat.RecordHeaderSize + 100, false)]
    [InlineData(SegmentFormat.FileHeaderSize + 3, true)]
    [InlineData(SegmentFormat.FileHeaderSize + SegmentFormat.RecordHeaderSize + 100, true)]
    public async Task Read_AfterABitHasFlipped_IsRefusedAndTheOthersAreRead(int offset, bool isClosed)
    {
        BlockRef first;
        BlockRef second;
        await using (BlockStore store = Open())
        {
            first = await store.PutAsync(Pattern.Of(400, 1), Cancellation);
            second = await store.PutAsync(Pattern.Of(500, 2), Cancellation);
            await store.SyncAsync();
            if (isClosed)
            {
                await store.RollAsync(Cancellation);
            }
        }

        Flip(Segments()[0], offset);
        await using BlockStore again = Open();
        BlockException e = Assert.Throws<BlockException>(() => again.Read(first.Id));
        Assert.True(again.Damages.Count == 1 || e.Failure == BlockFailure.Damaged, e.Message);
        AssertHolds(again, second, Pattern.Of(500, 2));

        await again.PutAsync(Pattern.Of(400, 1), Cancellation);
        AssertHolds(again, first, Pattern.Of(400, 1));
    }

    [Fact]
    public async Task Put_OverADamagedBlock_ReplacesIt()
    {
        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        await store.SyncAsync();
        Flip(Segments()[0], SegmentFormat.FileHeaderSize + SegmentFormat.RecordHeaderSize + 7);
        Assert.Equal(BlockFailure.Damaged, Assert.Throws<BlockException>(() => store.Read(block.Id)).Failure);

        await store.PutAsync(Pattern.Of(400, 1), Cancellation);
        AssertHolds(store, block, Pattern.Of(400, 1));
    }

    [Fact]
    public async Task Collect_NothingNeeded_FreesWhatIsOldEnough()
    {
        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(Pattern.Of(4000, 1), Cancellation);
        store.Unpin([block]);
        await store.RollAsync(Cancellation);

        await CollectAsync(store);
        Assert.Equal(1, store.Count);

        _time.Advance(TimeSpan.FromHours(2));
        await CollectAsync(store);
        Assert.Equal(0, store.Count);
        Assert.Single(Segments());
    }

    [Fact]
    public async Task Collect_HalfOfASegmentNeeded_CopiesItAndItOutlivesARestart()
    {
        BlockRef needed;
        await using (BlockStore store = Open())
        {
            needed = await store.PutAsync(Pattern.Of(1000, 1), Cancellation);
            BlockRef garbage = await store.PutAsync(Pattern.Of(9000, 2), Cancellation);
            store.Unpin([needed, garbage]);
            await store.RollAsync(Cancellation);
            _time.Advance(TimeSpan.FromHours(2));
            await CollectAsync(store, needed);
            Assert.Equal(1, store.Count);
            AssertHolds(store, needed, Pattern.Of(1000, 1));
        }

        await using BlockStore again = Open();
        Assert.Equal(1, again.Count);
        AssertHolds(again, needed, Pattern.Of(1000, 1));
    }

    [Fact]
    public async Task Collect_BlockPutWhileItRuns_StaysThoughNothingRefersToIt()
    {
        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(Pattern.Of(4000, 1), Cancellation);
        store.Unpin([block]);
        await store.RollAsync(Cancellation);
        _time.Advance(TimeSpan.FromHours(2));
        using (Collection collection = Collection.Begin(store))
        {
            // What is read of the metadata knows nothing of this put, which finds the old block.
            await store.PutAsync(Pattern.Of(4000, 1), Cancellation);
            store.Unpin([block]);
            await collection.RunAsync(new HashSet<BlockId>(), Cancellation);
        }

        AssertHolds(store, block, Pattern.Of(4000, 1));
    }

    [Fact]
    public async Task Collect_PinnedBlock_Stays()
    {
        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(Pattern.Of(4000, 1), Cancellation);
        await store.RollAsync(Cancellation);
        _time.Advance(TimeSpan.FromHours(2));
        await CollectAsync(store);
        AssertHolds(store, block, Pattern.Of(4000, 1));
    }

    [Fact]
    public async Task Sync_ManyWritersAtOnce_ShareFlushes()
    {
        using ManualResetEventSlim gate = new();
        int flushes = 0;
        GroupCommit commit = new(() =>
        {
            Interlocked.Increment(ref flushes);
            gate.Wait(Cancellation);
        });
        Task[] writers = [.. Enumerable.Range(0, 50).Select(_ => commit.SyncAsync())];
        gate.Set();
        await Task.WhenAll(writers);
        Assert.InRange(flushes, 1, 2);
    }

    [Fact]
    public async Task Sync_FlushFails_NothingIsAcknowledgedEverAgain()
    {
        int flushes = 0;
        GroupCommit commit = new(() =>
        {
            flushes++;
            throw new IOException("Input/output error");
        });
        await Assert.ThrowsAsync<BlockException>(commit.SyncAsync);
        BlockException e = await Assert.ThrowsAsync<BlockException>(commit.SyncAsync);
        Assert.Equal(BlockFailure.DiskFailed, e.Failure);
        Assert.Equal(1, flushes);
    }

    private static async Task CollectAsync(BlockStore store, params BlockRef[] needed)
    {
        using Collection collection = Collection.Begin(store);
        await collection.RunAsync(needed.Select(block => block.Id).ToHashSet(), Cancellation);
    }

    private static void AssertHolds(BlockStore store, BlockRef block, byte[] content)
    {
        using BlockBuffer read = store.Read(block.Id);
        Assert.True(read.Content.Span.SequenceEqual(content), "The block has other bytes than were put.");
    }

    private static void Flip(string path, long offset)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        file.Position = offset;
        int value = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(value ^ 0x10));
    }

    private BlockStore Open(long segmentBytesMax = 256L * 1024 * 1024) => BlockStore.Open(new BlockStoreOptions
    {
        Directory = _folder.Path,
        SegmentBytesMax = segmentBytesMax,
        TimeProvider = _time,
    });

    private string[] Segments() => [.. Directory.GetFiles(_folder.Path, "*.seg").Order(StringComparer.Ordinal)];
}
