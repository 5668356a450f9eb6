using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Lepton.Rpc;

/// <summary>
/// Keys and values that travel beside the messages: before them as headers, after them as trailers. A key may repeat.
/// Order is kept. Not thread safe.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "Metadata is gRPC's own word for it.")]
public sealed class RpcMetadata : IReadOnlyCollection<RpcMetadataEntry>
{
    private const string BinarySuffix = "-bin";
    private readonly List<RpcMetadataEntry> _entries = [];

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>Adds a text value.</summary>
    /// <param name="key">Letters, digits, '-', '_' and '.'; kept in lower case; not ending in <c>-bin</c>.</param>
    /// <param name="value">Printable ASCII. Blanks at its ends may get lost on the way.</param>
    /// <exception cref="ArgumentException">The key or the value can't travel as a header.</exception>
    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        string lower = CheckKey(key);
        if (IsBinaryKey(lower))
        {
            throw new ArgumentException(
                $"The key '{key}' ends in '-bin', which is for bytes. Pass bytes, or take the suffix away.",
                nameof(key));
        }

        int bad = value.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        if (bad >= 0)
        {
            throw new ArgumentException(
                $"The value of '{key}' holds U+{(int)value[bad]:X4} at {bad}. Metadata text is printable ASCII; " +
                "send other text as UTF-8 bytes under a key that ends in '-bin'.", nameof(value));
        }

        _entries.Add(new RpcMetadataEntry(lower, value));
    }

    /// <summary>Adds a value of any bytes.</summary>
    /// <param name="key">As for text, but ending in <c>-bin</c>.</param>
    /// <param name="value">Copied.</param>
    /// <exception cref="ArgumentException">The key can't travel as a header or lacks the suffix.</exception>
    public void Add(string key, ReadOnlySpan<byte> value)
    {
        string lower = CheckKey(key);
        if (!IsBinaryKey(lower))
        {
            throw new ArgumentException(
                $"The key '{key}' does not end in '-bin', so it can't carry bytes. Add the suffix, or pass text.",
                nameof(key));
        }

        _entries.Add(new RpcMetadataEntry(lower, value.ToArray()));
    }

    /// <summary>The last text under <paramref name="key"/>, or null.</summary>
    public string? GetText(string key) => Find(key)?.Text;

    /// <summary>The last bytes under <paramref name="key"/>, or null.</summary>
    public byte[]? GetBytes(string key) => Find(key)?.Bytes;

    /// <inheritdoc/>
    public IEnumerator<RpcMetadataEntry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static bool IsBinaryKey(string key) => key.EndsWith(BinarySuffix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Adds what came off the wire, which is kept as it is.</summary>
    internal void AddReceived(string key, string text) => _entries.Add(new RpcMetadataEntry(key, text));

    /// <inheritdoc cref="AddReceived(string, string)"/>
    internal void AddReceived(string key, byte[] bytes) => _entries.Add(new RpcMetadataEntry(key, bytes));

    private static string CheckKey(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        string lower = key.ToLowerInvariant();
        foreach (char c in lower)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
            {
                throw new ArgumentException(
                    $"The metadata key '{key}' holds '{c}'. Use letters, digits, '-', '_' and '.'.", nameof(key));
            }
        }

        if (Protocol.MetadataFormat.IsReserved(lower) && lower != Protocol.HeaderNames.StatusDetails)
        {
            throw new ArgumentException(
                $"The metadata key '{key}' belongs to the protocol itself. Pick a name of your own.", nameof(key));
        }

        return lower;
    }

    private RpcMetadataEntry? Find(string key)
    {
        for (int i = _entries.Count - 1; i >= 0; i--)
        {
            if (string.Equals(_entries[i].Key, key, StringComparison.OrdinalIgnoreCase))
            {
                return _entries[i];
            }
        }

        return null;
    }
}
