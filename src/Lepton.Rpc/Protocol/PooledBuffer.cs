using System.Buffers;

namespace Lepton.Rpc.Protocol;

/// <summary>A growing buffer from the shared pool, with one owner. Not thread safe.</summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    // What a single large message made grow goes back to the pool rather than staying with a long-lived stream.
    private const int KeptBytesMax = 1024 * 1024;
    private const int CapacityBytesMin = 4096;
    private byte[] _bytes = [];

    /// <summary>Bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>What was written; valid until the next write, <see cref="Clear"/> or <see cref="Release"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _bytes.AsMemory(0, Length);

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    /// <summary>Forgets everything after the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > KeptBytesMax)
        {
            Release();
        }
    }

    /// <summary>Forgets what was written and gives the memory back; a later write rents anew.</summary>
    public void Release()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        Length = 0;
    }

    private void Reserve(int sizeHint)
    {
        if (_bytes.Length - Length >= Math.Max(sizeHint, 1))
        {
            return;
        }

        long wanted = Math.Max(Math.Max((long)_bytes.Length * 2, Length + (long)sizeHint), CapacityBytesMin);
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, Array.MaxLength));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
        }

        _bytes = larger;
    }
}
