using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Lepton.Core.Records;

/// <summary>
/// A growing byte buffer that record codecs write to. The memory is rented from the shared pool and has one owner:
/// this object, until it is disposed. Not thread safe.
/// </summary>
public sealed class RecordWriter : IDisposable
{
    /// <summary>The header of a UTF-16 string of no bytes, which is never written: the empty string has no lone surrogate.</summary>
    internal const byte NullString = 1;

    private const int CapacityBytesMin = 256;

    /// <summary>The most bytes whose length still fits in a header of one byte.</summary>
    private const int ShortStringBytesMax = 63;
    private byte[] _buffer;
    private int _length;
    private int _depth;

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
    public void Clear()
    {
        _length = 0;
        _depth = 0;
    }

    /// <summary>
    /// Cuts the written bytes back to <paramref name="length"/>, which must not exceed <see cref="Length"/>: what to do with the
    /// half record that a failed write left.
    /// </summary>
    public void Truncate(int length)
    {
        Invariant.Check((uint)length <= (uint)_length);
        _length = length;
        _depth = 0;
    }

    /// <summary>Writes one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteByte(byte value)
    {
        // Local copies let the JIT drop the array's bounds check.
        byte[] buffer = _buffer;
        int length = _length;
        if ((uint)length < (uint)buffer.Length)
        {
            buffer[length] = value;
            _length = length + 1;
            return;
        }

        WriteByteSlow(value);
    }

    /// <summary>Writes 0 or 1.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    /// <summary>Writes four bytes, little endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteFixed32(uint value)
    {
        Unsafe.WriteUnaligned(ref Room(4), BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));
        _length += 4;
    }

    /// <summary>Writes eight bytes, little endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteFixed64(ulong value)
    {
        Unsafe.WriteUnaligned(ref Room(8), BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value));
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

    /// <summary>As <see cref="WriteString(string)"/>, and null as the one byte that no string starts with.</summary>
    public void WriteStringOrNull(string? value)
    {
        if (value is null)
        {
            WriteByte(NullString);
            return;
        }

        WriteString(value.AsSpan());
    }

    /// <inheritdoc cref="WriteString(string)"/>
    public void WriteString(ReadOnlySpan<char> value)
    {
        // Layout: varuint (byteCount << 1 | isUtf16), then the bytes. Short ASCII strings take the fast way.
        if (value.Length <= ShortStringBytesMax)
        {
            Span<byte> room = Reserve(1 + value.Length);
            if (Ascii.FromUtf16(value, room[1..], out int written) == OperationStatus.Done)
            {
                room[0] = (byte)(written << 1);
                _length += 1 + written;
                return;
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

    /// <summary>Counts a level of nesting of a recursive type; pair it with <see cref="Leave"/>.</summary>
    internal void Enter(RuntimeTypeHandle type)
    {
        if (_depth >= ValueRefusals.DepthMax)
        {
            throw ValueRefusals.TooDeep(type, stackShort: false);
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw ValueRefusals.TooDeep(type, stackShort: true);
        }

        _depth++;
    }

    internal void Leave() => _depth--;

    /// <summary>What was written from <paramref name="start"/> on, to be put in order.</summary>
    internal Span<byte> WrittenFrom(int start) => _buffer.AsSpan(start, _length - start);

    /// <summary>Writes a count, or -1 for null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WriteCountOrNull(int count) => WriteVarUInt64((ulong)(count + 1L));

    /// <summary>The place of the next byte, with at least <paramref name="count"/> bytes of room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref byte Room(int count)
    {
        if (_buffer.Length - _length < count)
        {
            Grow(count);
        }

        return ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_buffer), _length);
    }

    private void WriteByteSlow(byte value)
    {
        Grow(1);
        _buffer[_length++] = value;
    }

    private void WriteVarUInt64Slow(ulong value)
    {
        ref byte room = ref Room(VarInt.BytesMax);
        _length += VarInt.Write(ref room, value);
    }

    private void WriteLongString(ReadOnlySpan<char> value)
    {
        if (HasLoneSurrogate(value))
        {
            ReadOnlySpan<byte> utf16 = MemoryMarshal.AsBytes(value);
            WriteVarUInt64(((ulong)utf16.Length << 1) | 1);
            WriteRaw(utf16);
            return;
        }

        int count = Encoding.UTF8.GetByteCount(value);
        WriteVarUInt64((ulong)count << 1);
        int written = Encoding.UTF8.GetBytes(value, Reserve(count));
        _length += written;
    }

    private static bool HasLoneSurrogate(ReadOnlySpan<char> value)
    {
        int first = value.IndexOfAnyInRange('\ud800', '\udfff');
        for (int i = first; (uint)i < (uint)value.Length; i++)
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
