using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lepton.Core.Records.Collections;

/// <summary>Arrays of more than one dimension: a byte, 0 for null, then each length, then the elements in row-major order.</summary>
internal sealed class GridCodec<TArray, T>(RecordCodec<T> element) : RecordCodec<TArray?>
    where TArray : class
{
    private static readonly int Rank = typeof(TArray).GetArrayRank();

    public override void Write(RecordWriter writer, TArray? value)
    {
        writer.WriteBoolean(value is not null);
        if (value is null)
        {
            return;
        }

        var array = (Array)(object)value;
        for (int dimension = 0; dimension < Rank; dimension++)
        {
            if (array.GetLowerBound(dimension) != 0)
            {
                throw ValueRefusals.LowerBound(typeof(TArray));
            }

            writer.WriteVarUInt64((uint)array.GetLength(dimension));
        }

        foreach (T item in Elements(array))
        {
            element.Write(writer, item);
        }
    }

    public override TArray? Read(ref RecordReader reader)
    {
        if (!reader.ReadBoolean())
        {
            return null;
        }

        int[] lengths = new int[Rank];
        UInt128 total = 1;
        for (int dimension = 0; dimension < Rank; dimension++)
        {
            ulong length = reader.ReadVarUInt64();
            total *= Math.Min(length, (ulong)Array.MaxLength + 1);
            if (length > (ulong)Array.MaxLength || total > (ulong)Array.MaxLength)
            {
                throw new CorruptRecordException(
                    $"The dimensions of an array end at byte {reader.Position} and hold more than {Array.MaxLength:N0} elements.");
            }

            lengths[dimension] = (int)length;
        }

        reader.Claim((ulong)total, element.BytesMin);
        var array = Array.CreateInstance(typeof(T), lengths);
        foreach (ref T item in Elements(array))
        {
            item = element.Read(ref reader);
        }

        return (TArray)(object)array;
    }

    private static Span<T> Elements(Array array) => MemoryMarshal.CreateSpan(
        ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array)), array.Length);
}
