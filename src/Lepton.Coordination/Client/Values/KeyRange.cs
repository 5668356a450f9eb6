namespace Lepton.Coordination.Client;

/// <summary>Which keys an operation is about: one, those with a prefix, or an interval in the order of their
/// bytes.</summary>
/// <remarks>A single key converts to its range: <c>client.WatchAsync("mode")</c>.</remarks>
public readonly record struct KeyRange
{
    private static readonly Bytes s_zero = new byte[] { 0 };

    private KeyRange(Bytes start, Bytes end) => (Start, End) = (start, end);

    /// <summary>Every key.</summary>
    public static KeyRange All => new(s_zero, s_zero);

    /// <summary>The first key.</summary>
    public Bytes Start { get; }

    /// <summary>
    /// The protocol's <c>range_end</c>: the first key that is not in the range; empty for <see cref="Start"/> alone,
    /// one zero byte for no end.
    /// </summary>
    public Bytes End { get; }

    /// <summary>Whether it is one key.</summary>
    public bool IsSingleKey => End.IsEmpty;

    /// <summary>One key.</summary>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static KeyRange Of(Bytes key) => new(NotEmpty(key, nameof(key)), Bytes.Empty);

    /// <summary>All keys that begin with <paramref name="prefix"/>; the empty prefix is every key.</summary>
    public static KeyRange Prefix(Bytes prefix) => prefix.IsEmpty ? All : new(prefix, AfterPrefix(prefix));

    /// <summary>From a key to the last.</summary>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public static KeyRange From(Bytes start) => new(NotEmpty(start, nameof(start)), s_zero);

    /// <summary>From a key up to, not including, another.</summary>
    /// <exception cref="ArgumentException">A key is empty, or the end does not lie behind the start.</exception>
    public static KeyRange Between(Bytes start, Bytes end)
    {
        if (NotEmpty(end, nameof(end)) <= NotEmpty(start, nameof(start)))
        {
            throw new ArgumentException(
                $"The range from '{start}' to '{end}' holds no key: its end must lie behind its start.", nameof(end));
        }

        return new(start, end);
    }

    /// <inheritdoc cref="Of"/>
    public static implicit operator KeyRange(Bytes key) => Of(key);

    /// <inheritdoc cref="Of"/>
    public static implicit operator KeyRange(string key) => Of(key);

    /// <summary>Whether a key lies in the range.</summary>
    public bool Contains(Bytes key) => IsSingleKey
        ? key == Start
        : key >= Start && (End == s_zero || key < End);

    /// <summary>The same range without the keys up to <paramref name="key"/>, for reading on after it.</summary>
    internal KeyRange After(Bytes key) => new(key.Append(s_zero), End);

    /// <inheritdoc/>
    public override string ToString() => this switch
    {
        { IsSingleKey: true } => $"'{Start}'",
        _ when this == All => "all keys",
        _ when End == s_zero => $"'{Start}' and behind",
        _ when End == AfterPrefix(Start) => $"'{Start}*'",
        _ => $"'{Start}' up to '{End}'",
    };

    /// <summary>The first key behind all those with a prefix: its last byte below 255 counted up.</summary>
    private static Bytes AfterPrefix(Bytes prefix)
    {
        byte[] end = prefix.ToArray();
        for (int i = end.Length - 1; i >= 0; i--)
        {
            if (end[i] < byte.MaxValue)
            {
                end[i]++;
                return end[..(i + 1)];
            }
        }

        return s_zero;
    }

    private static Bytes NotEmpty(Bytes key, string parameter) => key.IsEmpty
        ? throw new ArgumentException("The key is empty; a key has one byte at least.", parameter)
        : key;
}
