using System.Buffers;
using System.Globalization;
using System.Text;

namespace Lepton.Compute.Formats;

/// <summary>Writes the fields of one row after another, in quotes where they need them.</summary>
internal sealed class CsvRowWriter
{
    private const int FormattedBytesMin = 64;
    private readonly Utf8Output _output;
    private readonly CsvDialect _dialect;
    private readonly SearchValues<byte> _special;
    private readonly string? _missing;
    private readonly string? _visibleMissing;
    private readonly bool _hasHeader;
    private int _fields;
    private bool _isBlank;

    public CsvRowWriter(Utf8Output output, CsvDialect dialect)
    {
        _output = output;
        _dialect = dialect;
        _hasHeader = dialect.Options.HasHeader;
        _special = SearchValues.Create([dialect.Delimiter, dialect.Quote, (byte)'\r', (byte)'\n']);
        IReadOnlyList<string> missing = dialect.Options.MissingValues;
        _missing = missing.Contains("") ? "" : missing.Count > 0 ? missing[0] : null;
        _visibleMissing = missing.FirstOrDefault(value => value.Length > 0);
    }

    /// <summary>How many fields each row has: a row of one empty field must not look like an empty line.</summary>
    public int Columns { get; set; }

    /// <summary>The row being written, from 1, without the header.</summary>
    private long Row => Math.Max(1, _output.Rows + (_hasHeader ? 0 : 1));

    public void WriteFormatted<T>(T value, string format = "")
        where T : IUtf8SpanFormattable
    {
        StartField();
        int written;
        int room = FormattedBytesMin;
        while (!value.TryFormat(_output.Reserve(room), out written, format, CultureInfo.InvariantCulture))
        {
            room *= 2;
        }

        EndField(written, mustQuote: false);
    }

    /// <summary>Writes text. Where null can be read back, text that would be taken for it is quoted.</summary>
    public void WriteText(string? value, bool isNullable)
    {
        if (value is null && isNullable)
        {
            WriteMissing(isText: true);
            return;
        }

        StartField();
        string text = value ?? "";
        int length = Encoding.UTF8.GetBytes(text, _output.Reserve(Encoding.UTF8.GetMaxByteCount(text.Length)));
        EndField(length, mustQuote: isNullable && _dialect.IsMissing(_output.Reserve(length)[..length]));
    }

    public void WriteUtf8(ReadOnlySpan<byte> value)
    {
        StartField();
        value.CopyTo(_output.Reserve(value.Length));
        EndField(value.Length, mustQuote: false);
    }

    /// <summary>Writes "no value".</summary>
    public void WriteMissing(bool isText)
    {
        // An empty field alone must be quoted, and a quoted one would be read as text.
        string? missing = isText && Columns == 1 ? _visibleMissing : _missing;
        if (missing is null)
        {
            throw Unwritable($"field {_fields + 1} is null, and CsvOptions.MissingValues has no text for that. Add " +
                "one, such as \"NA\".");
        }

        StartField();
        int length = Encoding.UTF8.GetBytes(missing, _output.Reserve(Encoding.UTF8.GetMaxByteCount(missing.Length)));
        EndField(length, mustQuote: false);
    }

    public void EndRow()
    {
        if (_isBlank && _fields == 1)
        {
            EndField(0, mustQuote: true);
        }

        _fields = 0;
        _output.EndRow("\n"u8);
    }

    public UnwritableRecordException Unwritable(string reason) => new("CSV", Row, reason);

    private void StartField()
    {
        if (_fields > 0)
        {
            _output.WriteByte(_dialect.Delimiter);
        }

        _fields++;
    }

    /// <summary>Takes the reserved bytes as the field, or quotes them.</summary>
    private void EndField(int length, bool mustQuote)
    {
        ReadOnlySpan<byte> field = _output.Reserve(length)[..length];
        bool needsQuotes = mustQuote || field.ContainsAny(_special) || IsTrimmed(field) || field.StartsWith("\uFEFF"u8);
        _isBlank = length == 0 && !needsQuotes;
        if (!needsQuotes)
        {
            _output.Advance(length);
            return;
        }

        if (!_dialect.HasQuote)
        {
            throw Unwritable($"field {_fields}, '{RowError.Show(field)}', holds a delimiter or line end, would be " +
                "trimmed, or would be taken for a missing value or an empty line, and CsvOptions.Quote is null. Set " +
                "a quote, or another delimiter.");
        }

        WriteQuoted(field.ToArray());
    }

    private bool IsTrimmed(ReadOnlySpan<byte> field) =>
        _dialect.Trims && !field.IsEmpty
            && (_dialect.Spaces.AsSpan().Contains(field[0]) || _dialect.Spaces.AsSpan().Contains(field[^1]));

    private void WriteQuoted(ReadOnlySpan<byte> field)
    {
        byte quote = _dialect.Quote;
        _output.WriteByte(quote);
        while (field.IndexOf(quote) is >= 0 and var at)
        {
            _output.Write(field[..(at + 1)]);
            _output.WriteByte(quote);
            field = field[(at + 1)..];
        }

        _output.Write(field);
        _output.WriteByte(quote);
    }
}
