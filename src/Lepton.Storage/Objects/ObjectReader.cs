using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Metadata;

namespace Lepton.Storage.Objects;

/// <summary>
/// An object as it was when it was opened. Its bytes stay until this is disposed, even if the object is deleted.
/// </summary>
internal sealed class ObjectReader : IDisposable
{
    private readonly BlockStore _blocks;
    private readonly List<BlockRef> _pinned;
    private readonly List<BlockRef> _data;

    internal ObjectReader(
        BlockStore blocks, ObjectRecord record, Revision revision, List<BlockRef> pinned, List<BlockRef> data) =>
        (_blocks, Record, Revision, _pinned, _data) = (blocks, record, revision, pinned, data);

    public ObjectRecord Record { get; }

    /// <summary>Its version: the store's revision with its put.</summary>
    public Revision Revision { get; }

    public long Size => Record.Content.Size;

    /// <summary>Gives bytes to a sink, block by block, each verified before.</summary>
    /// <param name="from">The first byte.</param>
    /// <param name="length">How many; all must be there.</param>
    /// <param name="sink">Takes them; they are its own until it returns.</param>
    /// <exception cref="BlockException">A block is missing or damaged.</exception>
    public async Task CopyAsync(long from, long length, Func<ReadOnlyMemory<byte>, ValueTask> sink)
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

            using BlockBuffer read = _blocks.Read(block.Id);
            if (read.Content.Length != block.Length)
            {
                throw new BlockException(
                    BlockFailure.Damaged,
                    $"The block {block.Id} has {read.Content.Length} bytes, and the object says {block.Length}. The " +
                    "object is not given; put it again.");
            }

            await sink(read.Content[(int)first..(int)last]).ConfigureAwait(false);
        }
    }

    public void Dispose() => _blocks.Unpin(_pinned);
}
