using System.Buffers;

namespace Lepton.Storage.Blocks;

/// <summary>Memory for a block, its reader's until it is disposed, once.</summary>
/// <param name="length">The block's bytes.</param>
internal sealed class BlockBuffer(int length) : IDisposable
{
    private byte[]? _rented = ArrayPool<byte>.Shared.Rent(length);

    /// <summary>The block's bytes.</summary>
    public ReadOnlyMemory<byte> Content => Memory;

    /// <summary>Where they are written by who reads the block.</summary>
    public Memory<byte> Memory =>
        (_rented ?? throw new ObjectDisposedException(nameof(BlockBuffer))).AsMemory(0, length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
