using System.Buffers;
using Lepton.Core;

namespace Lepton.Compute.Events;

/// <summary>A growing byte buffer that can take back its end, so that half a line never reaches the log.</summary>
internal sealed class EventLineBuffer(int capacityBytes) : IBufferWriter<byte>
{
    private byte[] _bytes = new byte[capacityBytes];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Truncate(int length)
    {
        Invariant.Check((uint)length <= (uint)Length);
        Length = length;
    }

    public void Append(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    public void Advance(int count)
    {
        Invariant.Check((uint)count <= (uint)(_bytes.Length - Length));
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.AsSpan(Length);
    }

    private void Reserve(int sizeHint)
    {
        int needed = Length + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        }
    }
}
