using System.Runtime.InteropServices;

namespace Lepton.Core.Records.Collections;

/// <summary>As <see cref="ArrayCodec{T}"/>, byte for byte.</summary>
internal sealed class ListCodec<T>(RecordCodec<T> element) : RecordCodec<List<T>?>
{
    public override void Write(RecordWriter writer, List<T>? value)
    {
        if (value is not null && value.GetType() != typeof(List<T>))
        {
            ValueRefusals.ThrowSubclass(value, typeof(List<T>));
        }

        writer.WriteCountOrNull(value is null ? -1 : value.Count);
        foreach (T item in CollectionsMarshal.AsSpan(value))
        {
            element.Write(writer, item);
        }
    }

    public override List<T>? Read(ref RecordReader reader)
    {
        int count = reader.ReadCountOrNull(element.BytesMin);
        if (count < 0)
        {
            return null;
        }

        var list = new List<T>(count);
        CollectionsMarshal.SetCount(list, count);
        foreach (ref T item in CollectionsMarshal.AsSpan(list))
        {
            item = element.Read(ref reader);
        }

        return list;
    }
}
