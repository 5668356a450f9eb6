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
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _position = 0;

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
    public string ReadString()
    {
        ulong header = ReadVarUInt64();
        if (header >> 1 > (ulong)Remaining)
        {
            throw new CorruptRecordException(
                $"A string of {header >> 1:N0} bytes stands at byte {_position}, but only {Remaining:N0} bytes follow.");
        }

        ReadOnlySpan<byte> bytes = ReadRaw((int)(header >> 1));
        return (header & 1) == 0 ? Encoding.UTF8.GetString(bytes) : new string(MemoryMarshal.Cast<byte, char>(bytes));
    }

    private ulong ReadVarUInt64Slow()
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
