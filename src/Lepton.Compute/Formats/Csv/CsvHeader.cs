using System.Text;

namespace Lepton.Compute.Formats;

/// <summary>What the start of a file says about its columns.</summary>
/// <param name="File">The full path of the file.</param>
/// <param name="Names">The columns' names; null where the file has no header and the options name none.</param>
/// <param name="ColumnCount">How many columns each row must have; 0 when the file is empty.</param>
/// <param name="OffsetBytes">Where the header record starts; -1 when there is none.</param>
/// <param name="HasRows">Whether a row follows.</param>
internal sealed record CsvHeader(string File, IReadOnlyList<string>? Names, int ColumnCount, long OffsetBytes,
    bool HasRows)
{
    private const int BufferBytes = 32 * 1024;

    public string NameOf(int column) =>
        Names is not null && column < Names.Count ? Names[column] : string.Create(null, $"{column + 1}");

    /// <summary>
    /// Reads the header of the split's file. Where no record at all starts before the split's end, there is none.
    /// </summary>
    public static CsvHeader Read(FileSplit split, CsvDialect dialect, CancellationToken cancellation)
    {
        FileSplit whole = split.FromStart;
        using var records = new CsvRecords(whole, dialect, BufferBytes, cancellation);
        CsvOptions options = dialect.Options;
        bool hasFirst = records.TryRead();
        if (!options.HasHeader)
        {
            int columns = options.ColumnNames?.Count ?? (hasFirst ? records.Tokens.Fields.Length : 0);
            return new CsvHeader(whole.Path, options.ColumnNames, columns, -1, hasFirst);
        }

        if (!hasFirst)
        {
            return new CsvHeader(whole.Path, null, 0, -1, HasRows: false);
        }

        if (records.Tokens.Fault != CsvFault.None)
        {
            using var errors = new RowErrors(whole, OnError.Fail, new SkippedRows(0));
            CsvRecords.Raise(errors, records, $"header {records.Tokens.FaultyField + 1}");
        }

        string[] names = new string[records.Tokens.Fields.Length];
        for (int column = 0; column < names.Length; column++)
        {
            names[column] = Encoding.UTF8.GetString(records.Field(column)).Trim();
        }

        long offset = records.OffsetBytes;
        return new CsvHeader(whole.Path, names, names.Length, offset, records.TryRead());
    }
}
