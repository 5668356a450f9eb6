using Lepton.Storage.Blocks;
using Lepton.Storage.Replication;
using Lepton.Storage.Scrubbing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Lepton.Storage.Tests.Scrubbing;

/// <summary>Files of a node that were changed behind its back.</summary>
public sealed class ScrubberTests : IAsyncDisposable
{
    private const int BlockBytes = 4000;
    private readonly TestFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly TakenNote _repairs = new();
    private BlockStore _store;
    private Scrubber? _scrubber;

    public ScrubberTests() => _store = OpenStore();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private Scrubber Scrub => _scrubber ??= new(
        _store, _repairs, new ScrubFile(_folder.Child("scrub.json"), NullLogger.Instance), TimeSpan.FromDays(7), _time,
        NullLogger.Instance);

    public async ValueTask DisposeAsync()
    {
        await (_scrubber?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Step_NothingIsDamaged_FindsNothing()
    {
        await PutAsync(12);
        await PassAsync();
        Assert.Empty(_repairs.Blocks);
        Assert.Equal(0, Scrub.Progress.Damaged);
        Assert.Equal(Scrub.Progress.Bytes, Segments().Sum(static path => new FileInfo(path).Length - 16));
    }

    [Fact]
    public async Task Step_BlockOverwrittenByAnother_IsToBeRepaired()
    {
        BlockRef[] blocks = await PutAsync(4);
        BlockLocation from = _store.Index.Find(blocks[0].Id)!.Value;
        BlockLocation to = _store.Index.Find(blocks[2].Id)!.Value;
        byte[] record = new byte[SegmentFormat.RecordHeaderSize + BlockBytes];
        from.Segment.Read(record, from.Offset);
        to.Segment.File.Write([record], to.Offset);
        await PassAsync();
        Assert.Equal([blocks[2]], _repairs.Blocks);
        Assert.False(_store.Has(blocks[2].Id));
        Assert.True(_store.Has(blocks[0].Id));
    }

    [Fact]
    public async Task Step_SegmentTruncated_ItsBlocksAreToBeRepaired()
    {
        BlockRef[] blocks = await PutAsync(6);
        BlockLocation second = _store.Index.Find(blocks[1].Id)!.Value;
        second.Segment.File.SetLength(second.Offset + 100);
        await PassAsync();
        Assert.Equal([blocks[1], blocks[2]], _repairs.Blocks);
        Assert.Equal(2, Scrub.Progress.Damaged);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Step_FileDeletedWhileOpen_ItsBlocksAreRescued(int segment)
    {
        BlockRef[] blocks = await PutAsync(5);
        string path = Segments()[segment];
        File.Delete(path);
        await PassAsync();
        Assert.Empty(_repairs.Blocks);
        Assert.True(Scrub.Progress.Damaged > 0);
        Assert.False(File.Exists(path));
        await ReopenAsync();
        Assert.Equal(5, _store.Count);
        Assert.All(blocks, block => _store.Read(block.Id).Dispose());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Step_FileReplacedByAnother_ItsBlocksAreRescued(bool isAppendedTo)
    {
        BlockRef[] blocks = await PutAsync(9);
        string[] segments = Segments();
        string replaced = isAppendedTo ? segments[^1] : segments[0];
        File.Copy(segments[1], replaced + ".copy");
        File.Move(replaced + ".copy", replaced, overwrite: true);
        await PassAsync();
        blocks = [.. blocks, .. await PutAsync(3)];
        await ReopenAsync();
        Assert.All(blocks, block => _store.Read(block.Id).Dispose());
    }

    [Fact]
    public async Task Trap51_RepairedWithWrongBytes_IsFoundByItsName()
    {
        // As a fault of the memory would have it: the checksum is that of the wrong bytes.
        BlockRef block = await _store.PutAsync(
            BlockId.Of(Pattern.Of(BlockBytes, 1)), Pattern.Of(BlockBytes, 99), Cancellation);
        await _store.SyncAsync();
        await PassAsync();
        Assert.Equal([block], _repairs.Blocks.Distinct());
    }

    [Fact]
    public async Task Step_NotTimeYet_WaitsForWholeMilliseconds()
    {
        await PutAsync(6);
        List<TimeSpan> waits = [];
        while (Scrub.Passes == 0)
        {
            waits.Add(await Scrub.StepAsync(Cancellation));

            // A clock that is read in between.
            _time.Advance(waits[^1] - TimeSpan.FromTicks(waits[^1].Ticks / 3));
        }

        Assert.Contains(waits, static wait => wait > TimeSpan.Zero);
        Assert.All(waits, static wait => Assert.Equal(0, wait.Ticks % TimeSpan.TicksPerMillisecond));
    }

    [Fact]
    public async Task Step_AfterARestart_GoesOnWhereItWas()
    {
        await PutAsync(20);
        while (Scrub.Progress.BytesDone < Scrub.Progress.Bytes / 2 || Scrub.Progress.Bytes == 0)
        {
            await StepAsync();
        }

        ScrubProgress before = Scrub.Progress;
        await ReopenAsync();
        await Scrub.StepAsync(Cancellation);
        Assert.InRange(Scrub.Progress.BytesDone - before.BytesDone, 0, 2 * (BlockBytes + 64));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{ not JSON")]
    [InlineData("null")]
    [InlineData("{}")]
    public async Task Step_WhatWasSavedIsDamaged_BeginsAnew(string saved)
    {
        await PutAsync(3);
        await File.WriteAllTextAsync(_folder.Child("scrub.json"), saved, Cancellation);
        await PassAsync();
        Assert.Equal(0, Scrub.Progress.Damaged);
    }

    /// <summary>Puts blocks, three in a segment.</summary>
    private async Task<BlockRef[]> PutAsync(int count)
    {
        BlockRef[] blocks = new BlockRef[count];
        for (int i = 0; i < count; i++)
        {
            blocks[i] = await _store.PutAsync(Pattern.Of(BlockBytes, (ulong)i), Cancellation);
            _store.Unpin([blocks[i]]);
        }

        await _store.SyncAsync();
        return blocks;
    }

    /// <summary>Reads all blocks once.</summary>
    private async Task PassAsync()
    {
        ScrubProgress last = Scrub.Progress;
        while (Scrub.Passes == 0)
        {
            last = Scrub.Progress;
            await StepAsync();
        }

        Assert.Equal(last.Bytes, last.BytesDone);
        Assert.True(last.Oldest <= TimeSpan.FromDays(7), $"A block was not read for {last.Oldest}.");
    }

    private async Task StepAsync() => _time.Advance(await Scrub.StepAsync(Cancellation));

    private async Task ReopenAsync()
    {
        await Scrub.DisposeAsync();
        _scrubber = null;
        await _store.DisposeAsync();
        _store = OpenStore();
    }

    private string[] Segments() => [.. Directory.GetFiles(_folder.Child("blocks"), "*.seg").Order()];

    private BlockStore OpenStore() => BlockStore.Open(new BlockStoreOptions
    {
        Directory = _folder.Child("blocks"), SegmentBytesMax = 3 * BlockBytes, TimeProvider = _time,
    });
    private sealed class TakenNote : IRepairQueue
    {
        public List<BlockRef> Blocks { get; } = [];

        public void Add(BlockRef block) => Blocks.Add(block);
    }
}
