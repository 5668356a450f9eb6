using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Lepton.Core.Records;

/// <summary>
/// A growing byte buffer that record codecs write to. The memory is rented from the shared pool and has one owner:
/// this object, until it is disposed. Not thread safe.
/// </summary>
public sealed class RecordWriter : IDisposable
{
    private const int CapacityBytesMin = 256;
    private byte[] _buffer;
    private int _length;

    /// <summary>Creates a writer with room for <paramref name="capacityBytes"/> before it first grows.</summary>
    public RecordWriter(int capacityBytes = 4096) =>
        _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(capacityBytes, CapacityBytesMin));

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    /// <summary>What was written; valid until the next write, <see cref="Clear"/> or <see cref="Dispose"/>.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _length);

    /// <summary>What was written; valid until the next write, <see cref="Clear"/> or <see cref="Dispose"/>.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);

    /// <summary>Forgets what was written and keeps the memory.</summary>
    public void Clear() => _length = 0;

    /// <summary>Cuts the written bytes back to <paramref name="length"/>, which must not exceed <see cref="Length"/>.</summary>
    public void Truncate(int length)
    {
        Invariant.Check((uint)length <= (uint)_length);
        _length = length;
    }

    /// <summary>Writes one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        if (_length == _buffer.Length)
        {
            Grow(1);
        }

        _buffer[_length++] = value;
    }

    /// <summary>Writes 0 or 1.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>Writes four bytes, little endian.</summary>
    public void WriteFixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Reserve(4), value);
        _length += 4;
    }

    /// <summary>Writes eight bytes, little endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteFixed64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(8), value);
        _length += 8;
    }

    /// <summary>Writes an unsigned LEB128 number: 1 to 10 bytes, seven bits each, lowest first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarUInt64(ulong value)
    {
        if (value < 0x80)
        {
            WriteByte((byte)value);
            return;
        }

        WriteVarUInt64Slow(value);
    }

    /// <summary>Writes a signed number zigzag coded, so that small magnitudes stay short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteVarInt64(long value) => WriteVarUInt64((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Writes the eight bytes of a double, bit for bit: NaN payloads and negative zero survive.</summary>
    public void WriteDouble(double value) => WriteFixed64(BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes the four bytes of a float, bit for bit.</summary>
    public void WriteSingle(float value) => WriteFixed32(BitConverter.SingleToUInt32Bits(value));

    /// <summary>Writes bytes as they are, without a length.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        _length += bytes.Length;
    }

    /// <summary>Writes a length and the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarUInt64((uint)bytes.Length);
        WriteRaw(bytes);
    }

    /// <summary>
    /// Writes a string that is not null: its byte count, then UTF-8. A lone surrogate, which UTF-8 can't carry, makes
    /// the string travel as UTF-16 behind a marker, so every C# string comes back as it was.
    /// </summary>
    public void WriteString(string value) => WriteString(value.AsSpan());

    /// <inheritdoc cref="WriteString(string)"/>
    public void WriteString(ReadOnlySpan<char> value)
    {
        // Layout: varuint (byteCount << 1 | isUtf16), then the bytes. Short ASCII strings take the fast way.
        int worst = value.Length * 3;
        if (worst < 64)
        {
            Span<byte> room = Reserve(1 + worst);
            if (Encoding.UTF8.TryGetBytes(value, room[1..], out int written) && !HasLoneSurrogate(value))
            {
                room[0] = (byte)(written << 1);
                if (written < 64)
                {
                    _length += 1 + written;
                    return;
                }
            }
        }

        WriteLongString(value);
    }

    /// <summary>Room for <paramref name="count"/> bytes at the end; pair it with <see cref="Advance"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Grow(count);
        }

        return _buffer.AsSpan(_length);
    }

    /// <summary>Counts <paramref name="count"/> bytes, written into what <see cref="Reserve"/> gave, as written.</summary>
    public void Advance(int count)
    {
        Invariant.Check((uint)count <= (uint)(_buffer.Length - _length));
        _length += count;
    }

    /// <summary>Overwrites four bytes at <paramref name="offset"/>, for a length that is known only afterwards.</summary>
    public void PatchFixed32(int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(offset, 4), value);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
            _length = 0;
        }
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> value)
    {
        int first = value.IndexOfAnyInRange('\ud800', '\udfff');
        if (first < 0)
        {
            return false;
        }

        for (int i = first; i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]))
            {
                i++;
            }
            else if (char.IsSurrogate(value[i]))
            {
                return true;
            }
        }

        return false;
    }

    private void WriteVarUInt64Slow(ulong value)
    {
        Span<byte> room = Reserve(10);
        int n = 0;
        while (value >= 0x80)
        {
            room[n++] = (byte)(value | 0x80);
            value >>= 7;
        }

        room[n++] = (byte)value;
        _length += n;
    }

    private void WriteLongString(ReadOnlySpan<char> value)
    {
        if (HasLoneSurrogate(value))
        {
            ReadOnlySpan<byte> utf16 = System.Runtime.InteropServices.MemoryMarshal.AsBytes(value);
            WriteVarUInt64(((ulong)utf16.Length << 1) | 1);
            WriteRaw(utf16);
            return;
        }

        int count = Encoding.UTF8.GetByteCount(value);
        WriteVarUInt64((ulong)count << 1);
        int written = Encoding.UTF8.GetBytes(value, Reserve(count));
        _length += written;
    }

    private void Grow(int count)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        long wanted = Math.Max((long)_buffer.Length * 2, (long)_length + count);
        if ((long)_length + count > Array.MaxLength)
        {
            throw new InvalidOperationException(
                $"A record buffer would grow past {Array.MaxLength:N0} bytes. One record or batch must stay below that; " +
                "split it into smaller records.");
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(wanted, Array.MaxLength));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
