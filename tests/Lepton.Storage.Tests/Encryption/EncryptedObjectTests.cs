using System.Text;
using Lepton.Storage.Blocks;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;

namespace Lepton.Storage.Tests.Encryption;

public sealed class EncryptedObjectTests(CoordinationFixture coordination)
    : IClassFixture<CoordinationFixture>, IAsyncLifetime
{
    private const string Bucket = EncryptedStore.Bucket;
    private EncryptedStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await EncryptedStore.StartAsync(coordination);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(40 * 4096 + 17)]
    public async Task Put_AnySize_IsReadBackAfterARestart(int size)
    {
        byte[] content = Pattern.Of(size, 3);
        ObjectRecord record = await _store.PutAsync("a", content);
        Assert.NotNull(record.Encryption);
        Assert.Equal(size, record.Content.Size);
        await _store.ReopenAsync();
        Assert.Equal(content, await _store.ReadAsync("a"));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(4095, 2)]
    [InlineData(5000, 20_000)]
    [InlineData(49_999, 1)]
    public async Task Read_Range_GivesTheseBytes(int from, int length)
    {
        byte[] content = Pattern.Of(50_000, 3);
        await _store.PutAsync("a", content);
        Assert.Equal(content[from..(from + length)], await _store.ReadAsync("a", from, length));
    }

    [Fact]
    public async Task Put_TheSameTwice_SharesNothingAndNothingOfItIsOnTheDisk()
    {
        byte[] content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("the secret of the house. ", 400)));
        ObjectRecord first = await _store.PutAsync("a", content);
        ObjectRecord second = await _store.PutAsync("b", content);
        Assert.Equal(first.ETag, second.ETag);
        Assert.Empty(first.Content.Refs.Intersect(second.Content.Refs));
        Assert.DoesNotContain("the secret", Encoding.ASCII.GetString(AllBytes()), StringComparison.Ordinal);
        await _store.PutAsync("c", content, isEncrypted: false);
        Assert.Contains("the secret", Encoding.ASCII.GetString(AllBytes()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_BlocksOfOneObjectAreSwappedOnTheDisk_IsRefused()
    {
        byte[] content = Pattern.Of(3 * 4096, 1);
        BlockRef[] blocks = [.. (await _store.PutAsync("a", content)).Content.Refs];
        Swap(blocks[0], blocks[2]);
        await RefusesAsync("a", 0, 1);
        await RefusesAsync("a", 2 * 4096, 1);
        Assert.Equal(content[4096..8192], await _store.ReadAsync("a", 4096, 4096));
    }

    [Fact]
    public async Task Read_ListsOfBlocksAreSwappedOnTheDisk_IsRefused()
    {
        // Two objects with as many blocks, and so lists of the same length.
        await _store.PutAsync("a", Pattern.Of(20 * 4096, 1));
        await _store.PutAsync("b", Pattern.Of(20 * 4096, 2));
        Swap(await ListOfAsync("a"), await ListOfAsync("b"));
        BlockException e = await Assert.ThrowsAsync<BlockException>(() => _store.ReadAsync("a"));
        Assert.Equal(BlockFailure.Damaged, e.Failure);

        async Task<BlockRef> ListOfAsync(string key) =>
            (await _store.Objects.FindAsync(Bucket, key, Cancellation)).Record.Content.Refs[0];
    }

    [Fact]
    public async Task Read_RecordIsChangedOrMoved_IsRefused()
    {
        ObjectRecord record = await _store.PutAsync("a", Pattern.Of(3 * 4096, 1));
        ContentRecord content = record.Content;
        List<BlockRef> entries = BlockList.Unpack(content.Packed);
        (entries[1], entries[2]) = (entries[2], entries[1]);
        ObjectRecord[] changed =
        [
            record with { Content = content with { Packed = BlockList.Pack(entries) } },
            record with { Content = content with { Size = content.Size - 1 } },
            record with { Encryption = record.Encryption! with { Wrapped = new byte[40] } },
            record with { Encryption = record.Encryption with { Wrapped = [1, 2, 3] } },
        ];
        foreach (ObjectRecord one in changed)
        {
            await ReplaceAsync("a", one);
            KeyException e = await Assert.ThrowsAsync<KeyException>(() => _store.ReadAsync("a"));
            Assert.Contains("'secret/a'", e.Message, StringComparison.Ordinal);
        }

        await ReplaceAsync("b", record);
        await Assert.ThrowsAsync<KeyException>(() => _store.ReadAsync("b"));
        await ReplaceAsync("a", record with { Encryption = null });
        await Assert.ThrowsAsync<BlockException>(() => _store.ReadAsync("a"));
        await ReplaceAsync("a", record);
        Assert.Equal(Pattern.Of(3 * 4096, 1), await _store.ReadAsync("a"));
    }

    [Fact]
    public async Task Copy_BetweenAnySettings_IsAsTheTargetWantsIt()
    {
        byte[] content = Pattern.Of(50_000, 1);
        await _store.CreateBucketAsync("other");
        foreach (bool from in new[] { false, true })
        {
            ObjectRecord original = await _store.PutAsync("a", content, isEncrypted: from);
            foreach (bool to in new[] { false, true })
            {
                ObjectRecord copy = await _store.Objects.CopyAsync(
                    (Bucket, "a"), "other", "copy", null, to, static _ => { }, WriteCondition.None, Cancellation);
                Assert.Equal(to, copy.Encryption is not null);
                Assert.Equal(original.ETag, copy.ETag);
                Assert.Equal(from == to, original.Content.Refs.SequenceEqual(copy.Content.Refs));
                await _store.Objects.DeleteAsync(Bucket, "a", WriteCondition.None, Cancellation);
                Assert.Equal(content, await _store.ReadAsync("other", "copy"));
                await _store.PutAsync("a", content, isEncrypted: from);
                original = (await _store.Objects.FindAsync(Bucket, "a", Cancellation)).Record;
            }
        }
    }

    [Fact]
    public async Task Complete_PartsWithRetries_IsReadAcrossTheirBounds()
    {
        byte[] first = Pattern.Of(30_000, 1);
        byte[] second = Pattern.Of(20_001, 2);
        string id = await _store.BeginAsync("a");
        await _store.PutPartAsync("a", id, 2, Pattern.Of(20_001, 9));
        PartRecord one = await _store.PutPartAsync("a", id, 1, first);
        PartRecord two = await _store.PutPartAsync("a", id, 2, second);
        PartRecord three = await _store.PutPartAsync("a", id, 3, [7]);
        ObjectRecord record = await _store.CompleteAsync("a", id, one, two, three);
        Assert.True(record.Content.IsManifest);
        Assert.Equal(50_002, record.Content.Size);
        await _store.ReopenAsync();
        byte[] all = [.. first, .. second, 7];
        Assert.Equal(all, await _store.ReadAsync("a"));
        Assert.Equal(all[29_990..30_010], await _store.ReadAsync("a", 29_990, 20));
        Assert.Equal([7], await _store.ReadAsync("a", 50_001, 1));
    }

    [Fact]
    public async Task Collect_EncryptedObjects_KeepsTheirBlocksAndFreesTheOthers()
    {
        ObjectRecord kept = await _store.PutAsync("kept", Pattern.Of(50_000, 1));
        await _store.PutAsync("deleted", Pattern.Of(50_000, 2));
        await _store.Objects.DeleteAsync(Bucket, "deleted", WriteCondition.None, Cancellation);
        List<BlockRef> needed = [];
        BlockScan scan = new(_store.Metadata, _store.Objects.Contents);
        await scan.RunAsync(needed.Add, Cancellation);
        Assert.Empty(scan.Unreadable);
        Assert.DoesNotContain(needed, static block => block.IsMark);
        Assert.Equal(13, needed.Except(kept.Content.Refs).Count());
    }

    [Fact]
    public async Task Read_ClusterKeyIsGoneOrOfAnotherSecretKey_SaysSo()
    {
        ObjectRecord record = await _store.PutAsync("a", [1, 2, 3]);
        await _store.PutAsync("plain", [4], isEncrypted: false);
        string id = record.Encryption!.KeyId;
        await _store.ReopenAsync(Pattern.Of(32, 2));
        KeyException e = await Assert.ThrowsAsync<KeyException>(() => _store.ReadAsync("a"));
        Assert.Contains($"'secret/a' can't be decrypted: the cluster key {id} was encrypted with another key",
            e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<KeyException>(() => _store.PutAsync("b", [1]));
        await _store.ReopenAsync();
        await _store.Metadata.CommitAsync(new MetadataTxn().Delete(MetadataKeys.ClusterKey(id)), Cancellation);
        e = await Assert.ThrowsAsync<KeyException>(() => _store.ReadAsync("a"));
        Assert.Contains($"the cluster key {id} is not in the coordination store", e.Message, StringComparison.Ordinal);
        Assert.Equal([4], await _store.ReadAsync("plain"));
    }

    private async Task RefusesAsync(string key, int from, int length)
    {
        BlockException e = await Assert.ThrowsAsync<BlockException>(() => _store.ReadAsync(key, from, length));
        Assert.Equal(BlockFailure.Damaged, e.Failure);
        Assert.Contains("is not what was encrypted", e.Message, StringComparison.Ordinal);
    }

    private async Task ReplaceAsync(string key, ObjectRecord record) => await _store.Metadata.CommitAsync(
        new MetadataTxn().Put(
            MetadataKeys.Object(Bucket, key), RecordJson.Write(record, RecordJson.Default.ObjectRecord)),
        Cancellation);

    /// <summary>Has each of two blocks say that it is the other, with checksums that are right.</summary>
    private void Swap(BlockRef one, BlockRef other)
    {
        BlockLocation first = _store.Blocks.Index.Find(one.Id)!.Value;
        BlockLocation second = _store.Blocks.Index.Find(other.Id)!.Value;
        Assert.Equal(first.Length, second.Length);
        byte[] a = Record(first);
        byte[] b = Record(second);
        Put(first, b, one.Id);
        Put(second, a, other.Id);

        static byte[] Record(BlockLocation at)
        {
            byte[] record = new byte[SegmentFormat.RecordHeaderSize + at.Length];
            Assert.Equal(record.Length, at.Segment.Read(record, at.Offset));
            return record;
        }

        static void Put(BlockLocation at, byte[] record, BlockId id)
        {
            Assert.True(SegmentFormat.TryReadRecordHeader(record, out BlockRecord said));
            SegmentFormat.WriteRecordHeader(record, said with { Id = id });
            at.Segment.File.Write([record], at.Offset);
        }
    }

    private byte[] AllBytes() =>
    [
        .. Directory.GetFiles(_store.Blocks.Options.Directory, "*.seg").SelectMany(static path =>
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }),
    ];
}
