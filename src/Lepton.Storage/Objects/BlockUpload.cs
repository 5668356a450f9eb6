using Lepton.Storage.Blocks;
using Lepton.Storage.Checksums;
using Lepton.Storage.Cluster;
using Lepton.Storage.Encryption;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Objects;

/// <summary>
/// Bytes that are stored as blocks and not yet part of anything. Its blocks stay until it is disposed, or the session
/// that it began under is over; then, unless something refers to them, they become garbage.
/// </summary>
/// <param name="blocks">Where they are stored.</param>
/// <param name="digests">Their sums.</param>
/// <param name="key">The key of the object or the upload that they are for; null where it is not encrypted.</param>
internal sealed class BlockUpload(ReplicaWriter blocks, ContentDigests digests, DataKey? key = null) : IDisposable
{
    private BlockCipher? _cipher;
    private long _encrypted;
    private bool _keepsBlocks;

    /// <summary>The data, as it is stored.</summary>
    public List<BlockRef> Data { get; } = [];

    /// <summary>With what it is encrypted; null where it is not.</summary>
    public DataKey? Key => key;

    /// <summary>How many bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Their sums.</summary>
    public ContentDigests Digests => digests;

    /// <summary>What records refer to; set once all bytes are stored.</summary>
    public ContentRecord? Content { get; set; }

    /// <summary>The session that must still go on when this is committed.</summary>
    public SessionId Session => blocks.Session;

    /// <summary>Stores a block of the data.</summary>
    public async Task AddAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        digests.Append(content.Span);
        if (key is null)
        {
            Data.Add(await PutAsync(content, cancellationToken).ConfigureAwait(false));
        }
        else
        {
            using BlockBuffer encrypted = Encrypt(key, content.Span);
            Data.Add(await PutAsync(encrypted.Content, cancellationToken).ConfigureAwait(false));
        }

        Size += content.Length;
    }

    /// <summary>Stores a block that is not of the data, as it is.</summary>
    public Task<BlockRef> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        blocks.PutAsync(content, cancellationToken);

    /// <summary>Returns when all of it is durable.</summary>
    public Task SealAsync(CancellationToken cancellationToken) => blocks.SealAsync(cancellationToken);

    /// <summary>
    /// Keeps the blocks for as long as this node's session goes on: it is not known whether something refers to them,
    /// or will.
    /// </summary>
    public void KeepBlocks() => _keepsBlocks = true;

    public void Dispose()
    {
        digests.Dispose();
        _cipher?.Dispose();
        if (!_keepsBlocks)
        {
            blocks.Release();
        }
    }

    /// <summary>Encrypts a block. Its place is taken, whatever becomes of it: no other bytes get the same
    /// nonce.</summary>
    private BlockBuffer Encrypt(DataKey key, ReadOnlySpan<byte> content)
    {
        if (_cipher is null)
        {
            StreamMark mark = StreamMark.New();
            Data.Add(mark.ToEntry());
            _cipher = key.OpenStream(mark);
        }

        BlockBuffer encrypted = new(content.Length + BlockCipher.TagBytes);
        _cipher.Encrypt(_encrypted++, content, encrypted.Memory.Span);
        return encrypted;
    }
}
