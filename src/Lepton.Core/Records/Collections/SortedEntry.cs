using System.Buffers;
using System.Buffers.Binary;

namespace Lepton.Core.Records.Collections;

/// <summary>
/// An entry of a hashed collection in the writer's buffer. Hashed collections enumerate in the order of their history, so their
/// entries are put into the order of their keys' bytes before they count as written.
/// </summary>
internal readonly struct SortedEntry
{
    private readonly ulong _prefix;
    private readonly int _start;
    private readonly int _keyEnd;
    private readonly int _end;

    private SortedEntry(ulong prefix, int start, int keyEnd, int end)
    {
        _prefix = prefix;
        _start = start;
        _keyEnd = keyEnd;
        _end = end;
    }

    /// <summary>The entry from <paramref name="start"/> to what was written last, whose key ends at <paramref name="keyEnd"/>.</summary>
    public static SortedEntry At(RecordWriter writer, int start, int keyEnd)
    {
        ReadOnlySpan<byte> key = writer.WrittenSpan[start..keyEnd];
        Span<byte> head = stackalloc byte[sizeof(ulong)];
        head.Clear();
        key[..Math.Min(key.Length, head.Length)].CopyTo(head);
        return new SortedEntry(BinaryPrimitives.ReadUInt64BigEndian(head), start, keyEnd, writer.Length);
    }

    /// <summary>Sorts the entries, which must be the last that was written, without gaps.</summary>
    public static void Sort(RecordWriter writer, Span<SortedEntry> entries)
    {
        if (entries.Length < 2)
        {
            return;
        }

        int start = entries[0]._start;
        Span<byte> written = writer.WrittenFrom(start);
        byte[] copy = ArrayPool<byte>.Shared.Rent(written.Length);
        try
        {
            written.CopyTo(copy);
            entries.Sort(new Comparer(copy, start));
            int to = 0;
            foreach (SortedEntry entry in entries)
            {
                ReadOnlySpan<byte> bytes = copy.AsSpan(entry._start - start, entry._end - entry._start);
                bytes.CopyTo(written[to..]);
                to += bytes.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <summary>By key; entries with equal keys, which only keys without an equality of their own can give, by all bytes.</summary>
    private readonly struct Comparer(byte[] bytes, int origin) : IComparer<SortedEntry>
    {
        public int Compare(SortedEntry x, SortedEntry y)
        {
            if (x._prefix != y._prefix)
            {
                return x._prefix < y._prefix ? -1 : 1;
            }

            int byKey = Slice(x._start, x._keyEnd).SequenceCompareTo(Slice(y._start, y._keyEnd));
            return byKey != 0 ? byKey : Slice(x._start, x._end).SequenceCompareTo(Slice(y._start, y._end));
        }

        private ReadOnlySpan<byte> Slice(int start, int end) => bytes.AsSpan(start - origin, end - start);
    }
}
