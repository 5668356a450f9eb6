namespace Lepton.Objects.Tests;

/// <summary>As a pipe: what is read comes in pieces of any size, and nobody knows how much is to come.</summary>
internal class DrippingStream(byte[] content, bool failsAtEnd = false) : Stream
{
    private const int PieceBytes = 999_983;
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

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

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>What a read behind the last byte returns.</summary>
    protected virtual Task<int> EndAsync() => Task.FromResult(0);
}
