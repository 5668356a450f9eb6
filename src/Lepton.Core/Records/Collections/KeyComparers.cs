namespace Lepton.Core.Records.Collections;

/// <summary>The comparers that records carry: the default, and for strings the one that ignores case. A byte for strings, else none.</summary>
internal static class KeyComparers
{
    public static void Write<T>(RecordWriter writer, IEqualityComparer<T> comparer, Type collection)
    {
        bool ignoresCase = ReferenceEquals(comparer, StringComparer.OrdinalIgnoreCase);
        if (!ignoresCase && !comparer.Equals(EqualityComparer<T>.Default) && !ReferenceEquals(comparer, StringComparer.Ordinal))
        {
            throw ValueRefusals.Comparer(collection, comparer);
        }

        if (typeof(T) == typeof(string))
        {
            writer.WriteBoolean(ignoresCase);
        }
    }

    public static IEqualityComparer<T>? Read<T>(ref RecordReader reader) =>
        typeof(T) == typeof(string) && reader.ReadBoolean()
            ? (IEqualityComparer<T>)(object)StringComparer.OrdinalIgnoreCase
            : null;
}
