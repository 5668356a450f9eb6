namespace Lepton.Compute.Formats;

/// <summary>
/// The record being read: its fields by the slot of the member that takes them, and the first thing wrong with it.
/// </summary>
internal sealed class CsvRow(CsvDialect dialect, CsvTokenizer tokens, int[] columnOfSlot)
{
    /// <summary>The slot of a member for which the file has no column.</summary>
    public const int NoColumn = -1;

    private byte[] _buffer = [];

    public CsvDialect Dialect { get; } = dialect;

    public int FieldCount => tokens.Fields.Length;

    public bool HasFailed { get; private set; }

    public int FailedColumn { get; private set; }

    public string Expected { get; private set; } = "";

    public string Reason { get; private set; } = "";

    public void Start(byte[] buffer)
    {
        _buffer = buffer;
        HasFailed = false;
    }

    public bool HasColumn(int slot) => columnOfSlot[slot] != NoColumn;

    public ReadOnlySpan<byte> Text(int slot) => Field(columnOfSlot[slot]);

    public bool IsQuoted(int slot) => tokens.Fields[columnOfSlot[slot]].IsQuoted;

    public ReadOnlySpan<byte> Field(int column)
    {
        ref readonly CsvTokenizer.FieldRange field = ref tokens.Fields[column];
        return _buffer.AsSpan(field.Start, field.End - field.Start);
    }

    public void Fail(int slot, string expected, string reason)
    {
        if (!HasFailed)
        {
            (HasFailed, FailedColumn, Expected, Reason) = (true, columnOfSlot[slot], expected, reason);
        }
    }
}
