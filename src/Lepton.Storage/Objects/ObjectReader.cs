using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;
using Lepton.Storage.Replication;

namespace Lepton.Storage.Objects;

/// <summary>
/// An object as it was when it was opened. Where it is deleted, its bytes on this node stay until this is disposed, and
/// those on others for as long as garbage is spared.
/// </summary>
internal sealed class ObjectReader : IDisposable
{
    private readonly ReplicatedBlocks _blocks;
    private readonly List<BlockRef> _pinned;
    private readonly List<BlockRef> _data;

    internal ObjectReader(
        ReplicatedBlocks blocks, ObjectRecord record, Revision revision, List<BlockRef> pinned, List<BlockRef> data) =>
        (_blocks, Record, Revision, _pinned, _data) = (blocks, record, revision, pinned, data);

    public ObjectRecord Record { get; }

    /// <summary>Its version: the store's revision with its put.</summary>
    public Revision Revision { get; }

    public long Size => Record.Content.Size;

    /// <summary>Gives bytes to a sink, block by block, each verified before.</summary>
    /// <param name="from">The first byte.</param>
    /// <param name="length">How many; all must be there.</param>
    /// <param name="sink">Takes them; they are its own until it returns.</param>
    /// <param name="cancellationToken">Gives up between two blocks, or while one is waited for.</param>
    /// <exception cref="BlockException">No node gives a block.</exception>
    public async Task CopyAsync(
        long from, long length, Func<ReadOnlyMemory<byte>, ValueTask> sink, CancellationToken cancellationToken)
    {
        long at = 0;
        foreach (BlockRef block in _data)
        {
            long first = Math.Max(from - at, 0);
            long last = Math.Min(from + length - at, block.Length);
            at += block.Length;
            if (first >= last)
            {
                continue;
            }

            using BlockBuffer read = await _blocks.ReadAsync(block, cancellationToken).ConfigureAwait(false);
            await sink(read.Content[(int)first..(int)last]).ConfigureAwait(false);
        }
    }

    public void Dispose() => _blocks.Local.Unpin(_pinned);
}
