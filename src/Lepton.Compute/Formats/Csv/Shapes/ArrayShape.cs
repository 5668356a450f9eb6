namespace Lepton.Compute.Formats;

/// <summary>Rows as arrays, with an element for each column of the file.</summary>
internal sealed class ArrayShape<TElement> : CsvShape<TElement[]>
{
    public override Func<CsvRow, TElement[]> Parse { get; } = ParseRow;

    public override Action<CsvRowWriter, TElement[]> Write { get; } = WriteRow;

    public override int[] Bind(CsvHeader header) => [.. Enumerable.Range(0, header.ColumnCount)];

    public override IReadOnlyList<string>? FixedNames(CsvOptions options) => options.ColumnNames;

    public override IReadOnlyList<string> NamesFor(TElement[] first, CsvOptions options) =>
        options.ColumnNames ?? [.. Enumerable.Range(1, first.Length).Select(column => $"column_{column}")];

    private static TElement[] ParseRow(CsvRow row)
    {
        var elements = new TElement[row.FieldCount];
        for (int column = 0; column < elements.Length; column++)
        {
            elements[column] = CsvField<TElement>.Read(row, column);
        }

        return elements;
    }

    private static void WriteRow(CsvRowWriter writer, TElement[] row)
    {
        if (row.Length != writer.Columns || row.Length == 0)
        {
            throw writer.Unwritable(row.Length == 0 ? "it has no elements. Leave it out." :
                $"it has {row.Length} elements, but the first row or CsvOptions.ColumnNames has {writer.Columns}. " +
                "All rows of a file must have as many; write JSON lines where they differ.");
        }

        foreach (TElement element in row)
        {
            CsvField<TElement>.Write(writer, element);
        }
    }
}
