namespace Lepton.Raft.Log;

/// <summary>The data of a snapshot as a stream.</summary>
internal sealed class SnapshotDataStream(SnapshotReader reader, long bytes) : Stream
{
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => bytes;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 && value <= bytes ? value
            : throw new ArgumentOutOfRangeException(
                nameof(value), value, $"The snapshot's data have {bytes:N0} bytes.");
    }

    public override int Read(Span<byte> buffer)
    {
        int wanted = (int)Math.Min(buffer.Length, bytes - _position);
        int read = reader.Read(_position, buffer[..wanted]);
        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        _ => bytes + offset,
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
