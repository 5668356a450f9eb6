using System.Runtime.InteropServices;

namespace Lepton.Core.Records.Collections;

/// <summary>As an array; null reads as empty.</summary>
internal sealed class ReadOnlyMemoryCodec<T>(RecordCodec<T[]> array) : RecordCodec<ReadOnlyMemory<T>>
{
    public override void Write(RecordWriter writer, ReadOnlyMemory<T> value) => array.Write(writer, WholeArray(value));

    public override ReadOnlyMemory<T> Read(ref RecordReader reader) => array.Read(ref reader);

    /// <summary>The array behind the memory where that is all of it, a copy otherwise.</summary>
    public static T[] WholeArray(ReadOnlyMemory<T> value) =>
        MemoryMarshal.TryGetArray(value, out ArraySegment<T> part) && part.Array is T[] whole && whole.Length == value.Length
            ? whole
            : value.ToArray();
}
