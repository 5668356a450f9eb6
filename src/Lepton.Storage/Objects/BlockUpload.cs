using Lepton.Storage.Blocks;
using Lepton.Storage.Checksums;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>
/// Bytes that are stored as blocks and not yet part of anything. Its blocks are pinned until it is disposed; then,
/// unless something refers to them, they become garbage.
/// </summary>
internal sealed class BlockUpload(BlockStore blocks, ContentDigests digests) : IDisposable
{
    private readonly List<BlockRef> _pinned = [];
    private bool _keepsPins;

    /// <summary>The data.</summary>
    public List<BlockRef> Data { get; } = [];

    /// <summary>How many bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Their sums.</summary>
    public ContentDigests Digests => digests;

    /// <summary>What records refer to; set once all bytes are stored.</summary>
    public ContentRecord? Content { get; set; }

    /// <summary>Stores a block.</summary>
    public async Task AddAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        digests.Append(content.Span);
        Data.Add(await PutAsync(content, cancellationToken).ConfigureAwait(false));
        Size += content.Length;
    }

    /// <summary>Stores a block that is not of the data.</summary>
    public async Task<BlockRef> PutAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        BlockRef block = await blocks.PutAsync(content, cancellationToken).ConfigureAwait(false);
        _pinned.Add(block);
        return block;
    }

    /// <summary>
    /// Keeps the blocks for as long as the node runs: it is not known whether something refers to them, or will.
    /// </summary>
    public void KeepPins() => _keepsPins = true;

    public void Dispose()
    {
        digests.Dispose();
        if (!_keepsPins)
        {
            blocks.Unpin(_pinned);
        }

        _pinned.Clear();
    }
}
