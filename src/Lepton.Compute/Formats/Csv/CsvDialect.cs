using System.Text;

namespace Lepton.Compute.Formats;

/// <summary>The bytes that options stand for, looked up once.</summary>
internal sealed class CsvDialect
{
    private readonly byte[][] _missing;
    private readonly bool[] _missingStarts = new bool[256];
    private readonly bool _emptyIsMissing;

    public CsvDialect(CsvOptions options)
    {
        options.Validate();
        Options = options;
        Delimiter = (byte)options.Delimiter;
        HasQuote = options.Quote is not null;

        // Without a quote the line end stands in for it: a byte that is looked for anyway.
        Quote = (byte)(options.Quote ?? '\n');
        Trims = options.TrimFields;
        Spaces = Delimiter switch
        {
            (byte)' ' => "\t"u8.ToArray(),
            (byte)'\t' => " "u8.ToArray(),
            _ => " \t"u8.ToArray(),
        };
        _missing = [.. options.MissingValues.Where(value => value.Length > 0).Select(Encoding.UTF8.GetBytes)];
        _emptyIsMissing = options.MissingValues.Contains("");
        foreach (byte[] value in _missing)
        {
            _missingStarts[value[0]] = true;
        }
    }

    public CsvOptions Options { get; }

    public byte Delimiter { get; }

    public byte Quote { get; }

    public bool HasQuote { get; }

    public bool Trims { get; }

    /// <summary>What trimming drops; never the delimiter.</summary>
    public byte[] Spaces { get; }

    public bool IsMissing(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return _emptyIsMissing;
        }

        return _missingStarts[text[0]] && IsListed(text);
    }

    private bool IsListed(ReadOnlySpan<byte> text)
    {
        foreach (byte[] value in _missing)
        {
            if (text.SequenceEqual(value))
            {
                return true;
            }
        }

        return false;
    }
}
