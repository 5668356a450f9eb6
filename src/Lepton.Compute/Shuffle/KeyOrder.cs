using System.Runtime.CompilerServices;

namespace Lepton.Compute.Shuffle;

/// <summary>
/// The stable order of records by key. Keys are compared first by a 64-bit prefix that sorts as the key does, so that
/// most comparisons are of two numbers that lie side by side (the "key normalisation" of sort engines; Graefe 2006,
/// §2.3).
/// </summary>
internal static class KeyOrder
{
    public static int[] Sort<T, TKey>(List<T> records, Func<T, TKey> key, IComparer<TKey> comparer)
    {
        KeyPrefix<TKey>? prefix = KeyPrefix<TKey>.For(comparer);
        var keys = new TKey[records.Count];
        var entries = new Entry[records.Count];
        for (int i = 0; i < entries.Length; i++)
        {
            keys[i] = key(records[i]);
            entries[i] = new Entry(prefix is null ? 0 : prefix.Of(keys[i]), i);
        }

        if (prefix is { IsExact: true })
        {
            entries.AsSpan().Sort(default(ByPrefix));
        }
        else
        {
            entries.AsSpan().Sort(new ByKey<TKey>(keys, comparer));
        }

        var order = new int[entries.Length];
        for (int i = 0; i < order.Length; i++)
        {
            order[i] = entries[i].Index;
        }

        return order;
    }

    private readonly record struct Entry(ulong Prefix, int Index);

    private readonly struct ByPrefix : IComparer<Entry>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Compare(Entry x, Entry y) =>
            x.Prefix != y.Prefix ? (x.Prefix < y.Prefix ? -1 : 1) : x.Index.CompareTo(y.Index);
    }

    private readonly struct ByKey<TKey>(TKey[] keys, IComparer<TKey> comparer) : IComparer<Entry>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public int Compare(Entry x, Entry y)
        {
            if (x.Prefix != y.Prefix)
            {
                return x.Prefix < y.Prefix ? -1 : 1;
            }

            int byKey = comparer.Compare(keys[x.Index], keys[y.Index]);
            return byKey != 0 ? byKey : x.Index.CompareTo(y.Index);
        }
    }
}
