namespace Lepton.Core.Records.Collections;

/// <summary>The count plus one, 0 for null, then the elements.</summary>
internal sealed class ArrayCodec<T>(RecordCodec<T> element) : RecordCodec<T[]?>
{
    public override void Write(RecordWriter writer, T[]? value)
    {
        writer.WriteCountOrNull(value is null ? -1 : value.Length);
        foreach (T item in value.AsSpan())
        {
            element.Write(writer, item);
        }
    }

    public override T[]? Read(ref RecordReader reader)
    {
        int count = reader.ReadCountOrNull(element.BytesMin);
        if (count <= 0)
        {
            return count < 0 ? null : [];
        }

        var array = new T[count];
        for (int i = 0; i < array.Length; i++)
        {
            array[i] = element.Read(ref reader);
        }

        return array;
    }
}
