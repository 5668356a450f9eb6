using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;

namespace Lepton.Storage.Tests.Encryption;

public sealed class RotationTests(CoordinationFixture coordination)
    : IClassFixture<CoordinationFixture>, IAsyncLifetime
{
    private const string Bucket = EncryptedStore.Bucket;
    private EncryptedStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await EncryptedStore.StartAsync(coordination);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Rotate_ThenRewrapped_TheOldKeyCanGoAndAllIsReadable()
    {
        ObjectRecord before = await _store.PutAsync("a", Pattern.Of(60_000, 1));
        await _store.PutAsync("plain", [1], isEncrypted: false);
        string upload = await _store.BeginAsync("parts");
        PartRecord one = await _store.PutPartAsync("parts", upload, 1, Pattern.Of(9000, 2));
        string old = before.Encryption!.KeyId;
        string current = (await _store.Keys.RotateAsync(Cancellation))!;
        Assert.Equal(current, (await _store.PutAsync("b", [2])).Encryption!.KeyId);
        Assert.Equal(Pattern.Of(60_000, 1), await _store.ReadAsync("a"));

        KeyRewrap pass = new(_store.Metadata, _store.Keys);
        Assert.True(await pass.RunAsync(Cancellation));
        Assert.Equal(2, pass.Rewrapped);
        Assert.Empty(pass.Failed);
        ObjectRecord after = (await _store.Objects.FindAsync(Bucket, "a", Cancellation)).Record;
        Assert.Equal(current, after.Encryption!.KeyId);
        Assert.Equal(before.Content.Packed, after.Content.Packed);
        await DropAsync(old);
        await _store.ReopenAsync();
        Assert.Equal(Pattern.Of(60_000, 1), await _store.ReadAsync("a"));
        Assert.Equal([2], await _store.ReadAsync("b"));
        PartRecord two = await _store.PutPartAsync("parts", upload, 2, [3]);
        await _store.CompleteAsync("parts", upload, one, two);
        Assert.Equal([.. Pattern.Of(9000, 2), 3], await _store.ReadAsync("parts"));
        Assert.False(await new KeyRewrap(_store.Metadata, _store.Keys).RunAsync(Cancellation));
    }

    [Fact]
    public async Task Rewrap_CutOffAnywhere_TheNextPassGoesOn()
    {
        const int Objects = 6;
        for (int i = 0; i < Objects; i++)
        {
            await _store.PutAsync($"k{i}", Pattern.Of(5000, (ulong)i));
        }

        string old = (await _store.Keys.CurrentAsync(Cancellation)).Id;
        await _store.Keys.RotateAsync(Cancellation);
        // Each pass comes one object farther, and then all that was in memory is gone.
        for (int i = 0; i < Objects; i++)
        {
            int left = 1;
            _store.Metadata.BeforeCommit = Cut;
            await Assert.ThrowsAsync<IOException>(
                () => new KeyRewrap(_store.Metadata, _store.Keys).RunAsync(Cancellation));
            await _store.ReopenAsync();
            Assert.Equal("replaced", await StateAsync(old));
            Assert.Equal(Pattern.Of(5000, (ulong)i), await _store.ReadAsync($"k{i}"));

            Task Cut()
            {
                if (left-- == 0)
                {
                    throw new IOException("The power went.");
                }

                _store.Metadata.BeforeCommit = Cut;
                return Task.CompletedTask;
            }
        }

        KeyRewrap last = new(_store.Metadata, _store.Keys);
        await last.RunAsync(Cancellation);
        Assert.Equal(0, last.Rewrapped);
        Assert.Equal("unused", await StateAsync(old));
    }

    [Fact]
    public async Task Put_KeyIsReplacedBeforeItCommits_IsWrappedWithTheNewOne()
    {
        string old = (await _store.PutAsync("a", [1])).Encryption!.KeyId;
        ClusterKeys other = new(_store.Metadata, new(Pattern.Of(32, 1)), TimeProvider.System);
        string? current = null;
        _store.Metadata.BeforeCommit = async () => current = await other.RotateAsync(Cancellation);
        ObjectRecord record = await _store.PutAsync("b", [2]);
        Assert.NotNull(current);
        Assert.NotEqual(old, current);
        Assert.Equal(current, record.Encryption!.KeyId);
        _store.Metadata.BeforeCommit = async () => current = await other.RotateAsync(Cancellation);
        ObjectRecord copy = await _store.Objects.CopyAsync(
            (Bucket, "a"), Bucket, "copy", null, static _ => { }, WriteCondition.None, Cancellation);
        Assert.Equal(current, copy.Encryption!.KeyId);
        _store.Metadata.BeforeCommit = async () => current = await other.RotateAsync(Cancellation);
        string upload = await _store.BeginAsync("parts");
        Assert.Equal(
            current, (await _store.Uploads.FindAsync(Bucket, "parts", upload, Cancellation)).Record.Encryption!.KeyId);
        Assert.Equal([1], await _store.ReadAsync("copy"));
        Assert.Equal([2], await _store.ReadAsync("b"));
    }

    [Fact]
    public async Task Rewrap_ObjectIsReplacedOrKeyRotatedMeanwhile_NothingIsLostOrCalledUnused()
    {
        string old = (await _store.PutAsync("a", [1])).Encryption!.KeyId;
        await _store.Keys.RotateAsync(Cancellation);
        _store.Metadata.BeforeCommit = async () => await _store.PutAsync("a", [9]);
        await new KeyRewrap(_store.Metadata, _store.Keys).RunAsync(Cancellation);
        Assert.Equal([9], await _store.ReadAsync("a"));
        Assert.Equal("unused", await StateAsync(old));

        string second = (await _store.Keys.CurrentAsync(Cancellation)).Id;
        await _store.Keys.RotateAsync(Cancellation);
        string third = (await _store.Keys.ListAsync(Cancellation)).Current!;
        _store.Metadata.BeforeCommit = async () => await _store.Keys.RotateAsync(Cancellation);
        await new KeyRewrap(_store.Metadata, _store.Keys).RunAsync(Cancellation);
        Assert.Equal("replaced", await StateAsync(second));
        await new KeyRewrap(_store.Metadata, _store.Keys).RunAsync(Cancellation);
        Assert.Equal("unused", await StateAsync(second));
        Assert.Equal("unused", await StateAsync(third));
        Assert.Equal([9], await _store.ReadAsync("a"));
    }

    [Fact]
    public async Task Rewrap_OneRecordIsDamaged_TheOthersGoOnAndTheOldKeyStays()
    {
        ObjectRecord record = await _store.PutAsync("a", [1]);
        await _store.PutAsync("b", [2]);
        await _store.Metadata.CommitAsync(
            new MetadataTxn().Put(
                MetadataKeys.Object(Bucket, "a"),
                RecordJson.Write(
                    record with { Encryption = record.Encryption! with { Wrapped = new byte[40] } },
                    RecordJson.Default.ObjectRecord)),
            Cancellation);
        await _store.Keys.RotateAsync(Cancellation);
        KeyRewrap pass = new(_store.Metadata, _store.Keys);
        await pass.RunAsync(Cancellation);
        Assert.Equal(1, pass.Rewrapped);
        Assert.Contains("'secret/a'", Assert.Single(pass.Failed), StringComparison.Ordinal);
        Assert.Equal("replaced", await StateAsync(record.Encryption!.KeyId));
        Assert.Equal([2], await _store.ReadAsync("b"));
    }

    private async Task<string> StateAsync(string id)
    {
        (IReadOnlyList<ClusterKeyEntry> keys, string? current) = await _store.Keys.ListAsync(Cancellation);
        return id == current ? "current" : keys.Single(key => key.Id == id).Record.IsUnused ? "unused" : "replaced";
    }

    private async Task DropAsync(string id)
    {
        Assert.Equal("unused", await StateAsync(id));
        (IReadOnlyList<ClusterKeyEntry> keys, _) = await _store.Keys.ListAsync(Cancellation);
        Assert.True(await _store.Keys.DropAsync(keys.Single(key => key.Id == id), Cancellation));
    }
}
