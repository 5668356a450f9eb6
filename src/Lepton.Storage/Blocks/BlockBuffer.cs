using System.Buffers;

namespace Lepton.Storage.Blocks;

/// <summary>A block that was read and verified. Its memory is the reader's until it is disposed, once.</summary>
internal sealed class BlockBuffer(byte[] rented, int offset, int length) : IDisposable
{
    private byte[]? _rented = rented;

    /// <summary>The block's bytes.</summary>
    public ReadOnlyMemory<byte> Content =>
        (_rented ?? throw new ObjectDisposedException(nameof(BlockBuffer))).AsMemory(offset, length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
