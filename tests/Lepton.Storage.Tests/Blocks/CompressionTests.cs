using System.Buffers.Binary;
using System.Text;
using Lepton.Core.Hashing;
using Lepton.Storage.Blocks;

namespace Lepton.Storage.Tests.Blocks;

public sealed class CompressionTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ManualTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(200)]
    [InlineData(32 * 1024)]
    [InlineData(32 * 1024 + 1)]
    [InlineData(1024 * 1024)]
    public async Task Put_Text_IsStoredInFewerBytesAndReadBackAfterARestart(int length)
    {
        byte[] text = Text(length);
        BlockRef block;
        await using (BlockStore store = Open())
        {
            block = await store.PutAsync(text, Cancellation);
            Assert.Equal(new BlockRef(BlockId.Of(text), length), block);
            Assert.InRange(store.BlockBytes.Stored, 1, (long)(0.88 * length));
            AssertHolds(store, block, text);
            await store.SyncAsync();
        }

        await using BlockStore again = Open();
        Assert.Empty(again.Damages);
        Assert.Equal(length, again.BlockBytes.Plain);
        Assert.InRange(again.BlockBytes.Stored, 1, (long)(0.88 * length));
        AssertHolds(again, block, text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(10_000)]
    [InlineData(100_000)]
    public async Task Put_Noise_IsStoredAsItIs(int length)
    {
        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(Pattern.Of(length, 1), Cancellation);
        Assert.Equal(new BlockBytes(length, length), store.BlockBytes);
        AssertHolds(store, block, Pattern.Of(length, 1));
    }

    [Fact]
    public async Task Put_NoiseWhereTheSampleSawText_IsStoredAsItIs()
    {
        // The four pieces that are looked at, 4 KiB each, are text; the rest is noise.
        byte[] content = Pattern.Of(400_000, 1);
        for (int i = 0; i < 4; i++)
        {
            Text(4096).CopyTo(content, (int)((content.Length - 4096L) * i / 3));
        }

        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(content, Cancellation);
        Assert.Equal(content.Length, store.BlockBytes.Stored);
        AssertHolds(store, block, content);
    }

    [Fact]
    public async Task Read_CompressedBlockIsDamaged_IsRefusedAndPuttingItAgainReplacesIt()
    {
        byte[] text = Text(50_000);
        await using BlockStore store = Open();
        BlockRef block = await store.PutAsync(text, Cancellation);
        Flip(Segments()[0], SegmentFormat.FileHeaderSize + SegmentFormat.RecordHeaderSize + 40);
        Assert.Equal(BlockFailure.Damaged, Assert.Throws<BlockException>(() => store.Read(block.Id)).Failure);
        await store.PutAsync(text, Cancellation);
        AssertHolds(store, block, text);
        Assert.Equal(text.Length, store.BlockBytes.Plain);
    }

    [Fact]
    public async Task Open_DamageBeforeACompressedBlock_FindsIt()
    {
        byte[] text = Text(50_000);
        BlockRef block;
        await using (BlockStore store = Open())
        {
            await store.PutAsync(Pattern.Of(500, 1), Cancellation);
            block = await store.PutAsync(text, Cancellation);
            await store.SyncAsync();
        }

        // The first header: what is behind is found by its own, and believed by its content's hash alone.
        Flip(Segments()[0], SegmentFormat.FileHeaderSize + 20);
        await using BlockStore again = Open();
        Assert.Single(again.Damages);
        AssertHolds(again, block, text);
    }

    [Fact]
    public async Task Collect_CompressedBlocks_AreCopiedAsTheyAre()
    {
        byte[] text = Text(50_000);
        await using BlockStore store = Open();
        BlockRef needed = await store.PutAsync(text, Cancellation);
        BlockRef garbage = await store.PutAsync(Pattern.Of(90_000, 2), Cancellation);
        store.Unpin([needed, garbage]);
        await store.RollAsync(Cancellation);
        _time.Advance(TimeSpan.FromHours(2));
        using (Collection collection = Collection.Begin(store))
        {
            await collection.RunAsync(new HashSet<BlockId> { needed.Id }, Cancellation);
        }

        Assert.Equal(1, store.Count);
        Assert.Equal(text.Length, store.BlockBytes.Plain);
        Assert.InRange(store.Bytes, 1, text.Length / 2);
        AssertHolds(store, needed, text);
    }

    [Fact]
    public async Task Open_SegmentOfTheFirstFormat_IsReadAndNothingIsAddedToIt()
    {
        byte[] old = Text(5000);
        string first = WriteFirstFormat(old);
        byte[] before = await File.ReadAllBytesAsync(first, Cancellation);
        byte[] text = Text(70_000);
        BlockRef added;
        await using (BlockStore store = Open())
        {
            AssertHolds(store, new BlockRef(BlockId.Of(old), old.Length), old);
            added = await store.PutAsync(text, Cancellation);
            await store.SyncAsync();
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(first, Cancellation));
        Assert.Equal(2, Segments().Length);
        await using BlockStore again = Open();
        Assert.Equal(2, again.Count);
        Assert.Equal(2, Segments().Length);
        AssertHolds(again, added, text);
        AssertHolds(again, new BlockRef(BlockId.Of(old), old.Length), old);
    }

    [Fact]
    public async Task Open_SegmentOfALaterFormat_IsRefusedByItsNumber()
    {
        await using (Open())
        {
        }

        using (FileStream file = new(Segments()[0], FileMode.Open, FileAccess.ReadWrite))
        {
            byte[] header = new byte[SegmentFormat.FileHeaderSize];
            file.ReadExactly(header);
            WriteVersion(header, 3);
            file.Position = 0;
            file.Write(header);
        }

        IOException e = Assert.Throws<IOException>(Open);
        Assert.Contains("its format is 3", e.Message, StringComparison.Ordinal);
    }

    private static byte[] Text(int length)
    {
        StringBuilder text = new();
        for (int i = 0; text.Length < length; i++)
        {
            text.Append("line ").Append(i).Append(" of a text, in words that come again and again\n");
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }

    private static void WriteVersion(byte[] header, uint version)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(8), version);
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(12), Crc32C.Compute(header.AsSpan(0, 12)));
    }

    /// <summary>Writes a segment as the first version of the store did: nothing said that blocks were plain.</summary>
    private string WriteFirstFormat(byte[] content)
    {
        byte[] header = SegmentFormat.NewFileHeader();
        WriteVersion(header, 1);
        byte[] record = new byte[SegmentFormat.RecordHeaderSize];
        BinaryPrimitives.WriteUInt32LittleEndian(record, SegmentFormat.RecordMagic);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), content.Length);
        BlockId.Of(content).Write(record.AsSpan(16));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(48), Crc32C.Compute(content));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(60), Crc32C.Compute(record.AsSpan(0, 60)));
        string path = _folder.Child("000000000001.seg");
        File.WriteAllBytes(path, [.. header, .. record, .. content]);
        return path;
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

    private BlockStore Open() => BlockStore.Open(
        new BlockStoreOptions { Directory = _folder.Path, TimeProvider = _time });

    private string[] Segments() => [.. Directory.GetFiles(_folder.Path, "*.seg").Order(StringComparer.Ordinal)];
}
