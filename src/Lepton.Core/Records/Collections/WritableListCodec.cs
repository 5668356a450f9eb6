namespace Lepton.Core.Records.Collections;

/// <summary>Writable list interfaces: any list goes in, a <see cref="List{T}"/> comes out.</summary>
internal sealed class WritableListCodec<TList, T>(RecordCodec<T[]> array, RecordCodec<List<T>> list) : RecordCodec<TList?>
    where TList : class
{
    internal override int BytesMin => list.BytesMin;

    public override void Write(RecordWriter writer, TList? value) => AnyList.Write(writer, value, array, list);

    public override TList? Read(ref RecordReader reader) => (TList?)(object?)list.Read(ref reader);
}

/// <summary>Writes whatever list stands behind an interface. Arrays and lists have the same encoding.</summary>
internal static class AnyList
{
    public static void Write<TList, T>(RecordWriter writer, TList? value, RecordCodec<T[]> array, RecordCodec<List<T>> list)
        where TList : class
    {
        if (value is null or T[])
        {
            array.Write(writer, (value as T[])!);
        }
        else if (value.GetType() == typeof(List<T>))
        {
            list.Write(writer, (List<T>)(object)value);
        }
        else if (value is IReadOnlyList<T> or IList<T>)
        {
            array.Write(writer, [.. (IEnumerable<T>)value]);
        }
        else
        {
            throw ValueRefusals.NoList(value, typeof(TList));
        }
    }
}
