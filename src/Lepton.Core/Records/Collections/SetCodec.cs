using System.Buffers;

namespace Lepton.Core.Records.Collections;

/// <summary>The count plus one, 0 for null; the comparer; then the elements in the order of their bytes.</summary>
internal sealed class SetCodec<T>(RecordCodec<T> element) : RecordCodec<HashSet<T>?>
{
    public override void Write(RecordWriter writer, HashSet<T>? value)
    {
        if (value is null)
        {
            writer.WriteCountOrNull(-1);
            return;
        }

        if (value.GetType() != typeof(HashSet<T>))
        {
            ValueRefusals.ThrowSubclass(value, typeof(HashSet<T>));
        }

        writer.WriteCountOrNull(value.Count);
        KeyComparers.Write(writer, value.Comparer, typeof(HashSet<T>));
        SortedEntry[] entries = ArrayPool<SortedEntry>.Shared.Rent(value.Count);
        try
        {
            int n = 0;
            foreach (T item in value)
            {
                int start = writer.Length;
                element.Write(writer, item);
                entries[n++] = SortedEntry.At(writer, start, writer.Length);
            }

            SortedEntry.Sort(writer, entries.AsSpan(0, n));
        }
        finally
        {
            ArrayPool<SortedEntry>.Shared.Return(entries);
        }
    }

    public override HashSet<T>? Read(ref RecordReader reader)
    {
        int count = reader.ReadCountOrNull(element.BytesMin);
        if (count < 0)
        {
            return null;
        }

        var set = new HashSet<T>(count, KeyComparers.Read<T>(ref reader));
        for (int i = 0; i < count; i++)
        {
            if (!set.Add(element.Read(ref reader)))
            {
                throw ValueRefusals.Twice(reader.Position);
            }
        }

        return set;
    }
}
