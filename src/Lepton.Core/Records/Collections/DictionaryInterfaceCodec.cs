namespace Lepton.Core.Records.Collections;

/// <summary>Dictionary interfaces: any dictionary goes in, a <see cref="Dictionary{TKey, TValue}"/> comes out.</summary>
internal sealed class DictionaryInterfaceCodec<TMap, TKey, TValue>(RecordCodec<Dictionary<TKey, TValue>> dictionary)
    : RecordCodec<TMap?>
    where TMap : class, IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : notnull
{
    public override void Write(RecordWriter writer, TMap? value)
    {
        if (value is null || value.GetType() == typeof(Dictionary<TKey, TValue>))
        {
            dictionary.Write(writer, (Dictionary<TKey, TValue>)(object)value!);
            return;
        }

        var copy = new Dictionary<TKey, TValue>();
        foreach ((TKey key, TValue its) in value)
        {
            if (!copy.TryAdd(key, its))
            {
                throw ValueRefusals.Coarser(value);
            }
        }

        dictionary.Write(writer, copy);
    }

    public override TMap? Read(ref RecordReader reader) => (TMap?)(object?)dictionary.Read(ref reader);
}
