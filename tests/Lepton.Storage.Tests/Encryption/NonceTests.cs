using System.Security.Cryptography;
using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;
using Lepton.Storage.Objects;

namespace Lepton.Storage.Tests.Encryption;

/// <summary>Trap 62: what counts nonces must not be what a restore sets back.</summary>
public sealed class NonceTests(CoordinationFixture coordination) : IClassFixture<CoordinationFixture>, IAsyncLifetime
{
    private const string Bucket = EncryptedStore.Bucket;
    private readonly Dictionary<(string Key, long Place), BlockId> _seen = [];
    private EncryptedStore _store = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _store = await EncryptedStore.StartAsync(coordination);

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Trap62_MetadataIsRestoredAndAllIsWrittenOtherwise_NoKeySeesANonceTwice()
    {
        string upload = await _store.BeginAsync("parts");
        await _store.PutPartAsync("parts", upload, 1, Pattern.Of(9000, 1));
        await _store.PutAsync("before", Pattern.Of(9000, 2));
        await TakeAsync(upload);
        List<KeyValue> snapshot = await _store.SnapshotAsync();
        for (ulong round = 0; round < 3; round++)
        {
            // The same names, the same upload, the same part, the same places: only the content is another.
            await _store.PutPartAsync("parts", upload, 1, Pattern.Of(9000, 10 + round));
            await _store.PutPartAsync("parts", upload, 2, Pattern.Of(9000, 20 + round));
            await _store.PutAsync("before", Pattern.Of(9000, 30 + round));
            await _store.PutAsync("after", Pattern.Of(9000, 40 + round));
            await _store.Objects.CopyAsync(
                (Bucket, "before"), Bucket, "copy", null, static _ => { }, WriteCondition.None, Cancellation);
            await TakeAsync(upload);
            await _store.RestoreAsync(snapshot);
        }

        Assert.Equal(Pattern.Of(9000, 2), await _store.ReadAsync("before"));
        // Before the restores two streams, and in each round four, of three blocks; the copy is its original's.
        Assert.Equal(3 * (2 + (3 * 4)), _seen.Count);
    }

    [Fact]
    public async Task Trap62_APartIsTriedAgain_NoKeySeesANonceTwice()
    {
        string upload = await _store.BeginAsync("parts");
        for (ulong attempt = 0; attempt < 5; attempt++)
        {
            await _store.PutPartAsync("parts", upload, 1, Pattern.Of(9000, attempt));
            await TakeAsync(upload);
        }

        Assert.Equal(3 * 5, _seen.Count);
    }

    /// <summary>Notes under which key and nonce each block is that the metadata refers to.</summary>
    private async Task TakeAsync(string uploadId)
    {
        foreach (string key in new[] { "before", "after", "copy" })
        {
            if (await _store.Metadata.GetAsync(MetadataKeys.Object(Bucket, key), Cancellation) is not null)
            {
                using ObjectReader reader = await _store.Objects.OpenAsync(Bucket, key, Cancellation);
                await TakeAsync(reader.Key!, reader.Record.Content);
            }
        }

        (UploadRecord upload, _) = await _store.Uploads.FindAsync(Bucket, "parts", uploadId, Cancellation);
        DataKey? partKey = await _store.Uploads.KeyOfAsync(Bucket, "parts", uploadId, upload, Cancellation);
        foreach ((_, PartRecord part) in (await _store.Uploads.PartsAsync(uploadId, Cancellation)).Parts)
        {
            await TakeAsync(partKey!, part.Content);
        }
    }

    private async Task TakeAsync(DataKey dataKey, ContentRecord content)
    {
        string stream = "";
        long place = 0;
        foreach (BlockRef entry in await _store.Objects.Contents.EntriesOfAsync(content, Cancellation))
        {
            if (StreamMark.Of(entry) is { } mark)
            {
                // What a stream's cipher makes of zeros tells its key from any other.
                using BlockCipher cipher = dataKey.OpenStream(mark);
                byte[] sign = new byte[64 + BlockCipher.TagBytes];
                cipher.Encrypt(long.MaxValue, new byte[64], sign);
                (stream, place) = (Convert.ToHexString(SHA256.HashData(sign)), 0);
                continue;
            }

            // The name of an encrypted block is the hash of its ciphertext: another content would have another.
            Assert.Equal(entry.Id, _seen.GetValueOrDefault((stream, place), entry.Id));
            _seen[(stream, place++)] = entry.Id;
        }
    }
}
