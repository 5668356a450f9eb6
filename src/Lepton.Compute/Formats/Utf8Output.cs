using System.Buffers;

namespace Lepton.Compute.Formats;

/// <summary>A pooled buffer before a stream, which counts rows. The stream is left open.</summary>
internal sealed class Utf8Output : IBufferWriter<byte>, IDisposable
{
    private const int BufferBytes = 128 * 1024;
    private const int RowsPerCheck = 1024;
    private readonly Stream _stream;
    private readonly CancellationToken _cancellation;
    private byte[] _bytes;
    private int _count;

    public Utf8Output(Stream stream, CancellationToken cancellation)
    {
        _stream = stream;
        _cancellation = cancellation;
        _bytes = ArrayPool<byte>.Shared.Rent(BufferBytes);
        cancellation.ThrowIfCancellationRequested();
    }

    /// <summary>How many rows were ended.</summary>
    public long Rows { get; private set; }

    /// <summary>Room for at least so many bytes; <see cref="Advance"/> says how many were used.</summary>
    public Span<byte> Reserve(int bytes)
    {
        if (_bytes.Length - _count < bytes)
        {
            MakeRoom(bytes);
        }

        return _bytes.AsSpan(_count);
    }

    public void Advance(int count) => _count += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(_count);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => Reserve(Math.Max(sizeHint, 1));

    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _count += bytes.Length;
    }

    public void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        _count++;
    }

    public void EndRow(ReadOnlySpan<byte> lineEnd)
    {
        Write(lineEnd);
        Rows++;
        if (Rows % RowsPerCheck == 0)
        {
            _cancellation.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Hands what is buffered to the stream. Without it, the rest is dropped when this is disposed: the file is not
    /// complete then.
    /// </summary>
    public void Flush()
    {
        _stream.Write(_bytes, 0, _count);
        _count = 0;
        _stream.Flush();
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    private void MakeRoom(int bytes)
    {
        _cancellation.ThrowIfCancellationRequested();
        _stream.Write(_bytes, 0, _count);
        _count = 0;
        if (_bytes.Length < bytes)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(bytes);
        }
    }
}
