namespace Lepton.Coordination.Store;

/// <summary>
/// The keys that a request is about, as etcd's requests say it: an empty end is the key alone, an end of one zero byte
/// is every key from this one on, any other end is exclusive. Keys are ordered by their bytes, unsigned.
/// </summary>
internal readonly struct KeyRange
{
    /// <param name="key">The first key.</param>
    /// <param name="end">Where it ends; see above.</param>
    public KeyRange(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> end)
    {
        Key = key;
        End = end;
    }

    /// <summary>One key.</summary>
    public KeyRange(ReadOnlyMemory<byte> key)
        : this(key, default)
    {
    }

    /// <summary>All keys.</summary>
    public static KeyRange All { get; } = new(new byte[] { 0 }, new byte[] { 0 });

    /// <summary>The first key.</summary>
    public ReadOnlyMemory<byte> Key { get; }

    /// <summary>The end, as the request gave it.</summary>
    public ReadOnlyMemory<byte> End { get; }

    /// <summary>Whether it is one key.</summary>
    public bool IsSingle => End.IsEmpty;

    /// <summary>Whether it has no end.</summary>
    public bool IsOpen => End.Length == 1 && End.Span[0] == 0;

    /// <summary>Whether a key is in it.</summary>
    public bool Contains(ReadOnlySpan<byte> key)
    {
        if (IsSingle)
        {
            return key.SequenceEqual(Key.Span);
        }

        return key.SequenceCompareTo(Key.Span) >= 0 && IsBeforeEnd(key);
    }

    /// <summary>Whether a key that is not before the first one is in it.</summary>
    public bool IsBeforeEnd(ReadOnlySpan<byte> key)
    {
        if (IsSingle)
        {
            return key.SequenceEqual(Key.Span);
        }

        return IsOpen || key.SequenceCompareTo(End.Span) < 0;
    }

    /// <summary>The end of the range of all keys that begin with a prefix.</summary>
    public static byte[] EndOfPrefix(ReadOnlySpan<byte> prefix)
    {
        var end = prefix.ToArray();
        for (var i = end.Length - 1; i >= 0; i--)
        {
            if (end[i] < 0xff)
            {
                end[i]++;
                return end[..(i + 1)];
            }
        }

        return [0];
    }
}
