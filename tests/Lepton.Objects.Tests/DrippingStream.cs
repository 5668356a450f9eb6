using Lepton.Core.Streams;

namespace Lepton.Objects.Tests;

/// <summary>As a pipe: what is read comes in pieces of any size, and nobody knows how much is to come.</summary>
internal class DrippingStream(byte[] content, bool failsAtEnd = false) : ReadOnlyStream
{
    private const int PieceBytes = 999_983;
    private int _position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count = Math.Min(Math.Min(buffer.Length, PieceBytes), content.Length - _position);
        if (count == 0)
        {
            return failsAtEnd ? throw new IOException("The pipe broke.") : await EndAsync();
        }

        content.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    /// <summary>What a read behind the last byte returns.</summary>
    protected virtual Task<int> EndAsync() => Task.FromResult(0);
}
