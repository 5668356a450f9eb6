using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Lepton.Core.Records;

/// <summary>
/// Reads what a <see cref="RecordWriter"/> wrote. Every read is checked against the end: damaged or truncated input gives a
/// <see cref="CorruptRecordException"/>, never a wild read or a huge allocation.
/// </summary>
public ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position = 0;
    private int _depth = 0;
    private long _claimedBytes = 0;

    /// <summary>Bytes read so far.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes left.</summary>
    public readonly int Remaining => _bytes.Length - _position;

    /// <summary>True when all is read.</summary>
    public readonly bool End => _position >= _bytes.Length;

    /// <summary>Reads one byte.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte ReadByte()
    {
        if (_position >= _bytes.Length)
        {
            ThrowTruncated(1);
        }

        return _bytes[_position++];
    }

    /// <summary>Reads 0 or 1.</summary>
    public bool ReadBoolean()
    {
        byte value = ReadByte();
        if (value > 1)
        {
            throw new CorruptRecordException($"Byte {_position - 1} is {value} where a boolean (0 or 1) was expected.");
        }

        return value == 1;
    }

    /// <summary>Reads four bytes, little endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadFixed32() => BinaryPrimitives.ReadUInt32LittleEndian(ReadRaw(4));

    /// <summary>Reads eight bytes, little endian.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadFixed64() => BinaryPrimitives.ReadUInt64LittleEndian(ReadRaw(8));

    /// <summary>Reads an unsigned LEB128 number of at most 10 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadVarUInt64()
    {
        if (_position < _bytes.Length && _bytes[_position] < 0x80)
        {
            return _bytes[_position++];
        }

        return ReadVarUInt64Slow();
    }

    /// <summary>Reads a zigzag coded signed number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long ReadVarInt64()
    {
        ulong raw = ReadVarUInt64();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>Reads a double, bit for bit.</summary>
    public double ReadDouble() => BitConverter.UInt64BitsToDouble(ReadFixed64());

    /// <summary>Reads a float, bit for bit.</summary>
    public float ReadSingle() => BitConverter.UInt32BitsToSingle(ReadFixed32());

    /// <summary>The next <paramref name="count"/> bytes, without a copy: a view of the input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadRaw(int count)
    {
        if ((uint)count > (uint)(_bytes.Length - _position))
        {
            ThrowTruncated(count);
        }

        ReadOnlySpan<byte> slice = _bytes.Slice(_position, count);
        _position += count;
        return slice;
    }

    /// <summary>Reads a length and that many bytes, without a copy: a view of the input.</summary>
    public ReadOnlySpan<byte> ReadBytes() => ReadRaw(ReadLength(1));

    /// <summary>
    /// Reads a count of elements that take at least <paramref name="elementBytesMin"/> bytes each, and refuses one that can't
    /// fit in what is left, so that damaged input never makes a huge allocation.
    /// </summary>
    public int ReadLength(int elementBytesMin)
    {
        ulong length = ReadVarUInt64();
        if (length > int.MaxValue || (long)length * elementBytesMin > Remaining)
        {
            throw new CorruptRecordException(
                $"A length of {length:N0} stands at byte {_position}, but only {Remaining:N0} bytes follow.");
        }

        return (int)length;
    }

    /// <summary>Reads a string as <see cref="RecordWriter.WriteString(string)"/> wrote it.</summary>
    public string ReadString() => ReadStringBody(ReadVarUInt64());

    /// <summary>Reads what <see cref="RecordWriter.WriteStringOrNull"/> wrote.</summary>
    public string? ReadStringOrNull()
    {
        ulong header = ReadVarUInt64();
        return header == RecordWriter.NullString ? null : ReadStringBody(header);
    }

    /// <summary>Reads a byte that is at most <paramref name="max"/>.</summary>
    internal byte ReadTag(byte max)
    {
        byte tag = ReadByte();
        if (tag > max)
        {
            throw new CorruptRecordException($"Byte {_position - 1} is {tag} where a tag of 0 to {max} was expected.");
        }

        return tag;
    }

    /// <summary>Reads the count of a collection, -1 for null, and claims its elements.</summary>
    internal int ReadCountOrNull(int elementBytesMin)
    {
        ulong raw = ReadVarUInt64();
        if (raw == 0)
        {
            return -1;
        }

        Claim(raw - 1, elementBytesMin);
        return (int)(raw - 1);
    }

    /// <summary>
    /// Refuses a count of elements that can't be true. Beside each count being possible, all together must be: in true data the
    /// bytes that elements take at least are not those of any other element. So memory reserved for elements stays within a
    /// small multiple of the input, however collections nest.
    /// </summary>
    internal void Claim(ulong count, int elementBytesMin)
    {
        long claim = (long)Math.Min(count, int.MaxValue) * elementBytesMin;
        _claimedBytes += claim;
        if (count > (ulong)Array.MaxLength || claim > Remaining || _claimedBytes > _bytes.Length)
        {
            throw new CorruptRecordException(
                $"A count of {count:N0} elements ends at byte {_position}, but only {Remaining:N0} bytes follow.");
        }
    }

    /// <summary>Counts a level of nesting of a recursive type; pair it with <see cref="Leave"/>.</summary>
    internal void Enter()
    {
        _depth++;
        if (_depth > ValueRefusals.DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new CorruptRecordException(
                $"The record nests {_depth:N0} levels deep at byte {_position}, more than a writer allows " +
                $"({ValueRefusals.DepthMax:N0}) or than this thread's stack holds.");
        }
    }

    internal void Leave() => _depth--;

    private string ReadStringBody(ulong header)
    {
        if (header >> 1 > (ulong)Remaining)
        {
            throw new CorruptRecordException(
                $"A string of {header >> 1:N0} bytes stands at byte {_position}, but only {Remaining:N0} bytes follow.");
        }

        ReadOnlySpan<byte> bytes = ReadRaw((int)(header >> 1));
        if ((header & 1) == 0)
        {
            return bytes.Length == 0 ? string.Empty : Decode(bytes);
        }

        if (bytes.Length % sizeof(char) != 0 || bytes.Length == 0)
        {
            throw new CorruptRecordException(
                $"A UTF-16 string of {bytes.Length:N0} bytes ends at byte {_position}: it must have an even number, above zero.");
        }

        return new string(MemoryMarshal.Cast<byte, char>(bytes));
    }

    private readonly string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new CorruptRecordException(
                $"A string of {bytes.Length:N0} bytes ends at byte {_position}, but is not UTF-8: {e.Message}");
        }
    }

    private ulong ReadVarUInt64Slow()
    {
        if (Remaining >= sizeof(ulong))
        {
            ulong value = VarInt.Read(in _bytes[_position], out int length);
            if (length > 0)
            {
                _position += length;
                return value;
            }
        }

        return ReadVarUInt64Bytewise();
    }

    private ulong ReadVarUInt64Bytewise()
    {
        ulong result = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = ReadByte();
            result |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80)
            {
                if (shift == 63 && part > 1)
                {
                    break;
                }

                return result;
            }
        }

        throw new CorruptRecordException($"A number that ends at byte {_position} does not fit in 64 bits.");
    }

    [DoesNotReturn]
    private readonly void ThrowTruncated(int count) =>
        throw new CorruptRecordException(
            $"{count:N0} bytes were expected at byte {_position}, but only {Remaining:N0} are left: the data is cut off.");
}
