namespace Lepton.Core.Records.Collections;

/// <summary>As <see cref="ReadOnlyMemoryCodec{T}"/>.</summary>
internal sealed class MemoryCodec<T>(RecordCodec<T[]> array) : RecordCodec<Memory<T>>
{
    public override void Write(RecordWriter writer, Memory<T> value) =>
        array.Write(writer, ReadOnlyMemoryCodec<T>.WholeArray(value));

    public override Memory<T> Read(ref RecordReader reader) => array.Read(ref reader);
}
