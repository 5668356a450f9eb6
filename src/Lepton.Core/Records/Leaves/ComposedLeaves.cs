using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Core.Records.Leaves;

/// <summary>An enum as the integer beneath it; any integer may come back, as C# allows.</summary>
internal readonly struct EnumLeaf<T, TNumber, TLeaf> : ILeaf<T>
    where T : struct
    where TNumber : struct
    where TLeaf : ILeaf<TNumber>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, T value) => TLeaf.Write(writer, Unsafe.BitCast<T, TNumber>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Read(ref RecordReader reader) => Unsafe.BitCast<TNumber, T>(TLeaf.Read(ref reader));
}

/// <summary>A byte, 0 for null, then the value.</summary>
internal readonly struct NullableLeaf<T, TLeaf> : ILeaf<T?>
    where T : struct
    where TLeaf : ILeaf<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(RecordWriter writer, T? value)
    {
        writer.WriteBoolean(value.HasValue);
        if (value.HasValue)
        {
            TLeaf.Write(writer, value.GetValueOrDefault());
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T? Read(ref RecordReader reader) => reader.ReadBoolean() ? TLeaf.Read(ref reader) : null;
}

/// <summary>Arrays of types whose memory is their encoding, copied in one go behind their length.</summary>
internal readonly struct BulkArrayLeaf<T> : ILeaf<T[]?>
    where T : unmanaged
{
    public static void Write(RecordWriter writer, T[]? value)
    {
        writer.WriteCountOrNull(value is null ? -1 : value.Length);
        Bulk.Write<T>(writer, value);
    }

    public static T[]? Read(ref RecordReader reader)
    {
        int count = Bulk.ReadCount<T>(ref reader);
        if (count <= 0)
        {
            return count < 0 ? null : [];
        }

        T[] array = GC.AllocateUninitializedArray<T>(count);
        Bulk.Read<T>(ref reader, array);
        return array;
    }
}

/// <summary>As <see cref="BulkArrayLeaf{T}"/>, for lists.</summary>
internal readonly struct BulkListLeaf<T> : ILeaf<List<T>?>
    where T : unmanaged
{
    public static void Write(RecordWriter writer, List<T>? value)
    {
        if (value is not null && value.GetType() != typeof(List<T>))
        {
            ValueRefusals.ThrowSubclass(value, typeof(List<T>));
        }

        writer.WriteCountOrNull(value is null ? -1 : value.Count);
        Bulk.Write<T>(writer, CollectionsMarshal.AsSpan(value));
    }

    public static List<T>? Read(ref RecordReader reader)
    {
        int count = Bulk.ReadCount<T>(ref reader);
        if (count < 0)
        {
            return null;
        }

        var list = new List<T>(count);
        CollectionsMarshal.SetCount(list, count);
        Bulk.Read(ref reader, CollectionsMarshal.AsSpan(list));
        return list;
    }
}

/// <summary>What the bulk leaves share.</summary>
internal static class Bulk
{
    public static void Write<T>(RecordWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        // Memory is little endian on every machine that .NET runs on in earnest; on another this codec would lie.
        Invariant.Check(BitConverter.IsLittleEndian);
        int bytes = checked(values.Length * Unsafe.SizeOf<T>());
        MemoryMarshal.AsBytes(values).CopyTo(writer.Reserve(bytes));
        writer.Advance(bytes);
    }

    /// <summary>-1 for null.</summary>
    public static int ReadCount<T>(ref RecordReader reader)
        where T : unmanaged => reader.ReadCountOrNull(Unsafe.SizeOf<T>());

    public static void Read<T>(ref RecordReader reader, Span<T> values)
        where T : unmanaged
    {
        Invariant.Check(BitConverter.IsLittleEndian);
        ReadOnlySpan<byte> bytes = reader.ReadRaw(checked(values.Length * Unsafe.SizeOf<T>()));
        if (typeof(T) == typeof(bool) && bytes.IndexOfAnyExceptInRange((byte)0, (byte)1) is int at and >= 0)
        {
            throw new CorruptRecordException(
                $"Byte {reader.Position - bytes.Length + at} is {bytes[at]} where a boolean (0 or 1) was expected.");
        }

        bytes.CopyTo(MemoryMarshal.AsBytes(values));
    }
}
