using Lepton.Storage.Blocks;
using Lepton.Storage.Encryption;

namespace Lepton.Storage.Objects;

/// <summary>
/// Turns the blocks of an object, as they lie on the nodes, into its bytes. Goes through its list of blocks in order,
/// and can pass blocks over. One flow at a time.
/// </summary>
/// <param name="key">The object's key; null where it is not encrypted.</param>
/// <param name="what">Which object, for errors.</param>
internal sealed class BlockOpener(DataKey? key, string what) : IDisposable
{
    private StreamMark? _stream;
    private BlockCipher? _cipher;
    private long _next;

    /// <summary>Takes the next entry of the list.</summary>
    /// <returns>How many bytes of the object it has; 0 for a mark.</returns>
    /// <exception cref="BlockException">The list is not that of an object with this key.</exception>
    public int Enter(BlockRef entry)
    {
        if (StreamMark.Of(entry) is { } mark)
        {
            Close();
            (_stream, _next) = (mark, -1);
        }

        _next++;
        return (key is not null) == (_stream is not null)
            ? Math.Max(entry.Length - (key is null ? 0 : BlockCipher.TagBytes), 0)
            : throw new BlockException(
                BlockFailure.Damaged,
                $"The list of blocks of {what} is not what its record says of encryption: something else than Lepton " +
                "has changed one of the two. Restore the coordination store from a snapshot, or put the object again.");
    }

    /// <summary>Gives the bytes of the block that was entered last.</summary>
    /// <param name="block">The block.</param>
    /// <param name="stored">The block as it was read; its owner is this, or who is given the answer.</param>
    /// <exception cref="BlockException">It is not what was encrypted in this place.</exception>
    public BlockBuffer Open(BlockRef block, BlockBuffer stored)
    {
        if (key is null)
        {
            return stored;
        }

        using (stored)
        {
            _cipher ??= key.OpenStream(_stream!.Value);
            BlockBuffer content = new(Math.Max(stored.Content.Length - BlockCipher.TagBytes, 0));
            if (stored.Content.Length > BlockCipher.TagBytes
                && _cipher.TryDecrypt(_next - 1, stored.Content.Span, content.Memory.Span))
            {
                return content;
            }

            content.Dispose();
            throw new BlockException(
                BlockFailure.Damaged,
                $"The block {block.Id} is not what was encrypted as block {_next - 1} of its part of {what}: it was " +
                "changed, or put in the place of another, and its checksum with it. Nothing of it is given; see who " +
                "may write to the disks, and put the object again.");
        }
    }

    public void Dispose() => Close();

    private void Close()
    {
        _cipher?.Dispose();
        _cipher = null;
    }
}
