using Lepton.Storage.Blocks;
using Lepton.Storage.Checksums;
using Lepton.Storage.Cluster;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Objects;

/// <summary>
/// Bytes that are stored as blocks and not yet part of anything. Its blocks stay until it is disposed, or the session
/// that it began under is over; then, unless something refers to them, they become garbage.
/// </summary>
internal sealed class BlockUpload(ReplicaWriter blocks, ContentDigests digests) : IDisposable
{
    private bool _keepsBlocks;

    /// <summary>The data.</summary>
    public List<BlockRef> Data { get; } = [];

    /// <summary>How many bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Their sums.</summary>
    public ContentDigests Digests => digests;

    /// <summary>What records refer to; set once all bytes are stored.</summary>
    public ContentRecord? Content { get; set; }

    /// <summary>The session that must still go on when this is committed.</summary>
    public SessionId Session => blocks.Session;

    /// <summary>Stores a block.</summary>
    public async Task AddAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        digests.Append(content.Span);
        Data.Add(await PutAsync(content, cancellationToken).ConfigureAwait(false));
        Size += content.Length;
    }

    /// <summary>Stores a block that is not of the data.</summary>
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
        if (!_keepsBlocks)
        {
            blocks.Release();
        }
    }
}
