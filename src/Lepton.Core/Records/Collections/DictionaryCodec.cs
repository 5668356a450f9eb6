using System.Buffers;

namespace Lepton.Core.Records.Collections;

/// <summary>The count plus one, 0 for null; the comparer; then key and value of each entry in the order of the keys' bytes.</summary>
internal sealed class DictionaryCodec<TKey, TValue>(RecordCodec<TKey> keys, RecordCodec<TValue> values)
    : RecordCodec<Dictionary<TKey, TValue>?>
    where TKey : notnull
{
    public override void Write(RecordWriter writer, Dictionary<TKey, TValue>? value)
    {
        if (value is null)
        {
            writer.WriteCountOrNull(-1);
            return;
        }

        if (value.GetType() != typeof(Dictionary<TKey, TValue>))
        {
            ValueRefusals.ThrowSubclass(value, typeof(Dictionary<TKey, TValue>));
        }

        writer.WriteCountOrNull(value.Count);
        KeyComparers.Write(writer, value.Comparer, typeof(Dictionary<TKey, TValue>));
        SortedEntry[] entries = ArrayPool<SortedEntry>.Shared.Rent(value.Count);
        try
        {
            int n = 0;
            foreach ((TKey itsKey, TValue itsValue) in value)
            {
                int start = writer.Length;
                keys.Write(writer, itsKey);
                int keyEnd = writer.Length;
                values.Write(writer, itsValue);
                entries[n++] = SortedEntry.At(writer, start, keyEnd);
            }

            SortedEntry.Sort(writer, entries.AsSpan(0, n));
        }
        finally
        {
            ArrayPool<SortedEntry>.Shared.Return(entries);
        }
    }

    public override Dictionary<TKey, TValue>? Read(ref RecordReader reader)
    {
        int count = reader.ReadCountOrNull(keys.BytesMin + values.BytesMin);
        if (count < 0)
        {
            return null;
        }

        var dictionary = new Dictionary<TKey, TValue>(count, KeyComparers.Read<TKey>(ref reader));
        for (int i = 0; i < count; i++)
        {
            TKey itsKey = keys.Read(ref reader);
            if (itsKey is null)
            {
                throw ValueRefusals.NullKey(reader.Position);
            }

            if (!dictionary.TryAdd(itsKey, values.Read(ref reader)))
            {
                throw ValueRefusals.Twice(reader.Position);
            }
        }

        return dictionary;
    }
}
