namespace Lepton.Compute.Formats;

/// <summary>The records of a split, cut into fields. The split starts and ends where records do.</summary>
internal sealed class CsvRecords(FileSplit split, CsvDialect dialect, int bufferBytes, CancellationToken cancellation)
    : IDisposable
{
    private readonly SplitBuffer _buffer = new(split, bufferBytes, keepsChunks: false, cancellation);
    private readonly long _endBytes = split.EndBytes;
    private int _start;

    public CsvTokenizer Tokens { get; } = new(dialect);

    /// <summary>The array that holds the record that was read last.</summary>
    public byte[] Bytes => _buffer.Bytes;

    /// <summary>The offset in the file of the record that was read last.</summary>
    public long OffsetBytes { get; private set; }

    /// <summary>The bytes of the record that was read last, with its line end.</summary>
    public ReadOnlySpan<byte> Record => _buffer.Bytes.AsSpan(_start, _buffer.Start - _start);

    public ReadOnlySpan<byte> Field(int column)
    {
        CsvTokenizer.FieldRange field = Tokens.Fields[column];
        return _buffer.Bytes.AsSpan(field.Start, field.End - field.Start);
    }

    /// <summary>Goes to the next record that is not an empty line. False at the split's end.</summary>
    public bool TryRead()
    {
        SplitBuffer buffer = _buffer;
        while (true)
        {
            bool isEmpty = buffer.Start == buffer.End;
            if (buffer.OffsetBytes >= _endBytes || (isEmpty && !buffer.Fill()))
            {
                return false;
            }

            if (isEmpty)
            {
                continue;
            }

            if (!Tokens.TryCut(buffer.Bytes, buffer.Start, buffer.End, buffer.IsAtFileEnd, out int next))
            {
                buffer.Fill();
                continue;
            }

            OffsetBytes = buffer.OffsetBytes;
            _start = buffer.Start;
            buffer.Start = next;
            ReadOnlySpan<CsvTokenizer.FieldRange> fields = Tokens.Fields;
            bool isBlank = fields.Length == 1 && fields[0].Start == fields[0].End && !fields[0].IsQuoted;
            if (!isBlank)
            {
                return true;
            }
        }
    }

    /// <summary>Raises the fault of the record that was read last.</summary>
    public static void Raise(RowErrors errors, CsvRecords records, string column)
    {
        string value = RowError.Show(records.Field(records.Tokens.FaultyField));
        if (records.Tokens.Fault == CsvFault.UnclosedQuote)
        {
            errors.Raise(records.OffsetBytes, column, value, "a closing quote before the file ends",
                "the quote that opens the field is never closed");
        }
        else
        {
            errors.Raise(records.OffsetBytes, column, value, "a delimiter or line end behind a closing quote, and " +
                "quotes within a field doubled",
                "text follows the closing quote");
        }
    }

    public void Dispose() => _buffer.Dispose();
}
