namespace Lepton.Core.Records.Collections;

/// <summary>Set interfaces: any set goes in, a <see cref="HashSet{T}"/> comes out.</summary>
internal sealed class SetInterfaceCodec<TSet, T>(RecordCodec<HashSet<T>> set) : RecordCodec<TSet?>
    where TSet : class, IEnumerable<T>
{
    public override void Write(RecordWriter writer, TSet? value)
    {
        if (value is null || value.GetType() == typeof(HashSet<T>))
        {
            set.Write(writer, (HashSet<T>)(object)value!);
            return;
        }

        var copy = new HashSet<T>();
        foreach (T item in value)
        {
            if (!copy.Add(item))
            {
                throw ValueRefusals.Coarser(value);
            }
        }

        set.Write(writer, copy);
    }

    public override TSet? Read(ref RecordReader reader) => (TSet?)(object?)set.Read(ref reader);
}
