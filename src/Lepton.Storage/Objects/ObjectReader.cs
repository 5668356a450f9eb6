using Lepton.Coordination.Client;
using Lepton.Storage.Blocks;
using Lepton.Storage.Encryption;
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
    private readonly List<BlockRef> _entries;
    private readonly string _name;

    internal ObjectReader(
        ReplicatedBlocks blocks, string name, ObjectRecord record, Revision revision, List<BlockRef> pinned,
        List<BlockRef> entries) =>
        (_blocks, _name, Record, Revision, _pinned, _entries) = (blocks, name, record, revision, pinned, entries);

    public ObjectRecord Record { get; }

    /// <summary>Its version: the store's revision with its put.</summary>
    public Revision Revision { get; }

    public long Size => Record.Content.Size;

    /// <summary>Its key; null where it is not encrypted.</summary>
    internal DataKey? Key { get; init; }

    /// <summary>Gives bytes to a sink, block by block, each verified before.</summary>
    /// <param name="from">The first byte.</param>
    /// <param name="length">How many; all must be there.</param>
    /// <param name="sink">Takes them; they are its own until it returns.</param>
    /// <param name="cancellationToken">Gives up between two blocks, or while one is waited for.</param>
    /// <exception cref="BlockException">No node gives a block, or it is not what was encrypted.</exception>
    public async Task CopyAsync(
        long from, long length, Func<ReadOnlyMemory<byte>, ValueTask> sink, CancellationToken cancellationToken)
    {
        using BlockOpener opener = new(Key, _name);
        long at = 0;
        foreach (BlockRef entry in _entries)
        {
            int bytes = opener.Enter(entry);
            long first = Math.Max(from - at, 0);
            long last = Math.Min(from + length - at, bytes);
            at += bytes;
            if (first >= last)
            {
                continue;
            }

            using BlockBuffer content = opener.Open(
                entry, await _blocks.ReadAsync(entry, cancellationToken).ConfigureAwait(false));
            await sink(content.Content[(int)first..(int)last]).ConfigureAwait(false);
        }
    }

    public void Dispose() => _blocks.Local.Unpin(_pinned);
}
