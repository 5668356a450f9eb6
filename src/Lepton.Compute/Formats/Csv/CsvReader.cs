using System.Diagnostics.CodeAnalysis;

namespace Lepton.Compute.Formats;

/// <summary>Turns the rows of a split into records.</summary>
internal sealed class CsvReader<T> : IDisposable
{
    private readonly CsvRecords _records;
    private readonly CsvHeader _header;
    private readonly RowErrors _errors;
    private readonly CsvRow _row;
    private readonly Func<CsvRow, T> _parse;
    private bool _mayMeetHeader;

    public CsvReader(
        FileSplit split, CsvDialect dialect, CsvShape<T> shape, ISkippedRows skipped, CancellationToken cancellation,
        int bufferBytes = SplitBuffer.DefaultBytes)
    {
        _header = CsvHeader.Read(split, dialect, cancellation);
        int[] columnOfSlot = _header.ColumnCount == 0 ? [] : shape.Bind(_header);
        _errors = new RowErrors(split, dialect.Options.OnError, skipped);
        _records = new CsvRecords(split, dialect, bufferBytes, cancellation);
        _row = new CsvRow(dialect, _records.Tokens, columnOfSlot);
        _parse = shape.Parse;
        _mayMeetHeader = _header.OffsetBytes >= split.OffsetBytes;
    }

    public bool TryRead([MaybeNullWhen(false)] out T record)
    {
        while (_records.TryRead())
        {
            if (_mayMeetHeader)
            {
                _mayMeetHeader = false;
                if (_records.OffsetBytes == _header.OffsetBytes)
                {
                    continue;
                }
            }

            if (_records.Tokens.Fault != CsvFault.None || _row.FieldCount != _header.ColumnCount)
            {
                RaiseForm();
                continue;
            }

            _row.Start(_records.Bytes);
            record = _parse(_row);
            if (!_row.HasFailed)
            {
                return true;
            }

            string value = RowError.Show(_row.Field(_row.FailedColumn));
            _errors.Raise(_records.OffsetBytes, _header.NameOf(_row.FailedColumn), value, _row.Expected, _row.Reason);
        }

        record = default;
        return false;
    }

    public void Dispose()
    {
        _records.Dispose();
        _errors.Dispose();
    }

    private void RaiseForm()
    {
        if (_records.Tokens.Fault != CsvFault.None)
        {
            CsvRecords.Raise(_errors, _records, _header.NameOf(_records.Tokens.FaultyField));
            return;
        }

        string names = _header.Names is { Count: <= 12 } few ? $" ({string.Join(", ", few)})" : "";
        string row = RowError.Show(_records.Record.TrimEnd("\r\n"u8));
        _errors.Raise(_records.OffsetBytes, null, row, $"{_header.ColumnCount} fields{names}",
            $"the row has {_row.FieldCount} fields");
    }
}
