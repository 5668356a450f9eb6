using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Lepton.Core.Records.Leaves;

internal readonly struct BooleanLeaf : ILeaf<bool>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, bool value) => writer.WriteBoolean(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read(ref RecordReader reader) => reader.ReadBoolean();
}

internal readonly struct ByteLeaf : ILeaf<byte>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, byte value) => writer.WriteByte(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte Read(ref RecordReader reader) => reader.ReadByte();
}

internal readonly struct SByteLeaf : ILeaf<sbyte>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, sbyte value) => writer.WriteByte((byte)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static sbyte Read(ref RecordReader reader) => (sbyte)reader.ReadByte();
}

internal readonly struct Int16Leaf : ILeaf<short>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, short value) => writer.WriteVarInt64(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static short Read(ref RecordReader reader)
    {
        long value = reader.ReadVarInt64();
        if (value != (short)value)
        {
            NumberRange.Throw(ref reader, value, "short");
        }

        return (short)value;
    }
}

internal readonly struct Int32Leaf : ILeaf<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, int value) => writer.WriteVarInt64(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Read(ref RecordReader reader)
    {
        long value = reader.ReadVarInt64();
        if (value != (int)value)
        {
            NumberRange.Throw(ref reader, value, "int");
        }

        return (int)value;
    }
}

internal readonly struct Int64Leaf : ILeaf<long>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, long value) => writer.WriteVarInt64(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Read(ref RecordReader reader) => reader.ReadVarInt64();
}

internal readonly struct UInt16Leaf : ILeaf<ushort>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, ushort value) => writer.WriteVarUInt64(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Read(ref RecordReader reader)
    {
        ulong value = reader.ReadVarUInt64();
        if (value > ushort.MaxValue)
        {
            NumberRange.Throw(ref reader, value, "ushort");
        }

        return (ushort)value;
    }
}

internal readonly struct UInt32Leaf : ILeaf<uint>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, uint value) => writer.WriteVarUInt64(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read(ref RecordReader reader)
    {
        ulong value = reader.ReadVarUInt64();
        if (value > uint.MaxValue)
        {
            NumberRange.Throw(ref reader, value, "uint");
        }

        return (uint)value;
    }
}

internal readonly struct CharLeaf : ILeaf<char>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, char value) => writer.WriteVarUInt64(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static char Read(ref RecordReader reader)
    {
        ulong value = reader.ReadVarUInt64();
        if (value > char.MaxValue)
        {
            NumberRange.Throw(ref reader, value, "char");
        }

        return (char)value;
    }
}

internal readonly struct UInt64Leaf : ILeaf<ulong>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, ulong value) => writer.WriteVarUInt64(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ref RecordReader reader) => reader.ReadVarUInt64();
}

internal readonly struct Int128Leaf : ILeaf<Int128>
{
    public static void Write(RecordWriter writer, Int128 value)
    {
        BinaryPrimitives.WriteInt128LittleEndian(writer.Reserve(16), value);
        writer.Advance(16);
    }

    public static Int128 Read(ref RecordReader reader) => BinaryPrimitives.ReadInt128LittleEndian(reader.ReadRaw(16));
}

internal readonly struct UInt128Leaf : ILeaf<UInt128>
{
    public static void Write(RecordWriter writer, UInt128 value)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(writer.Reserve(16), value);
        writer.Advance(16);
    }

    public static UInt128 Read(ref RecordReader reader) => BinaryPrimitives.ReadUInt128LittleEndian(reader.ReadRaw(16));
}

internal readonly struct HalfLeaf : ILeaf<Half>
{
    public static void Write(RecordWriter writer, Half value)
    {
        BinaryPrimitives.WriteHalfLittleEndian(writer.Reserve(2), value);
        writer.Advance(2);
    }

    public static Half Read(ref RecordReader reader) => BinaryPrimitives.ReadHalfLittleEndian(reader.ReadRaw(2));
}

internal readonly struct SingleLeaf : ILeaf<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, float value) => writer.WriteSingle(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Read(ref RecordReader reader) => reader.ReadSingle();
}

internal readonly struct DoubleLeaf : ILeaf<double>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, double value) => writer.WriteDouble(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Read(ref RecordReader reader) => reader.ReadDouble();
}

internal readonly struct DecimalLeaf : ILeaf<decimal>
{
    public static void Write(RecordWriter writer, decimal value)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        writer.WriteFixed64((uint)parts[0] | ((ulong)(uint)parts[1] << 32));
        writer.WriteFixed64((uint)parts[2] | ((ulong)(uint)parts[3] << 32));
    }

    public static decimal Read(ref RecordReader reader)
    {
        ulong low = reader.ReadFixed64();
        ulong high = reader.ReadFixed64();
        uint flags = (uint)(high >> 32);

        // Sign in bit 31, scale 0 to 28 in bits 16 to 23, the rest zero.
        if ((flags & 0x7f00_ffff) != 0 || ((flags >> 16) & 0xff) > 28)
        {
            throw new CorruptRecordException(
                $"Bytes {reader.Position - 16} to {reader.Position} are no decimal: its flags read {flags:x8}.");
        }

        return new decimal([(int)low, (int)(low >> 32), (int)high, (int)flags]);
    }
}

internal readonly struct RuneLeaf : ILeaf<Rune>
{
    public static void Write(RecordWriter writer, Rune value) => writer.WriteVarUInt64((uint)value.Value);

    public static Rune Read(ref RecordReader reader)
    {
        ulong value = reader.ReadVarUInt64();
        if (value > uint.MaxValue || !Rune.TryCreate((uint)value, out Rune rune))
        {
            NumberRange.Throw(ref reader, value, "Unicode scalar");
            return default;
        }

        return rune;
    }
}

/// <summary>Refuses numbers that don't fit in their type.</summary>
internal static class NumberRange
{
    [DoesNotReturn]
    public static void Throw(ref RecordReader reader, Int128 value, string type) =>
        throw new CorruptRecordException(
            $"The number {value} that ends at byte {reader.Position} does not fit where a {type} was expected.");
}
