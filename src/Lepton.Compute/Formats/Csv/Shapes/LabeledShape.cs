using System.Globalization;

namespace Lepton.Compute.Formats;

/// <summary>
/// Rows of numbers with a class. Which columns those are is known only when a file has been looked at.
/// </summary>
internal sealed class LabeledShape(IReadOnlyList<string> numbers, string label) : CsvShape<LabeledRow>
{
    private readonly string[] _names = [.. numbers, label];

    public override Func<CsvRow, LabeledRow> Parse => ParseRow;

    public override Action<CsvRowWriter, LabeledRow> Write => WriteRow;

    public override int[] Bind(CsvHeader header)
    {
        IReadOnlyList<string> columns = header.Names ?? [];
        int[] places = [.. _names.Select(name => Find(header, columns, name))];
        string[] missing = [.. _names.Where((_, slot) => places[slot] == CsvRow.NoColumn)];
        return missing.Length == 0 ? places : throw new MissingColumnException(
            header.File, "the table", missing, columns,
            "Give the name of the column that holds the classes, and the same columns in every file.");
    }

    public override IReadOnlyList<string> FixedNames(CsvOptions options) => _names;

    private static int Find(CsvHeader header, IReadOnlyList<string> columns, string name)
    {
        int[] found = [.. Enumerable.Range(0, columns.Count).Where(column => columns[column] == name)];
        IEnumerable<string> places = found.Select(column => (column + 1).ToString(CultureInfo.InvariantCulture));
        return found.Length switch
        {
            0 => CsvRow.NoColumn,
            1 => found[0],
            _ => throw new AmbiguousColumnException(
                header.File,
                $"{header.File} has the column '{name}' more than once: columns " +
                $"{string.Join(" and ", places)}. " +
                "Rename them in the header."),
        };
    }

    private LabeledRow ParseRow(CsvRow row)
    {
        double[] values = new double[_names.Length - 1];
        for (int slot = 0; slot < values.Length; slot++)
        {
            values[slot] = CsvField<double>.Read(row, slot);
            if (!double.IsFinite(values[slot]))
            {
                row.Fail(slot, "a finite number", "can't be learned from");
            }
        }

        string name = CsvField<string>.Read(row, values.Length);
        if (name.Length == 0)
        {
            row.Fail(values.Length, "the name of a class", "the value is missing");
        }

        return new LabeledRow(values, name);
    }

    private void WriteRow(CsvRowWriter writer, LabeledRow row)
    {
        foreach (double number in row.Numbers)
        {
            CsvField<double>.Write(writer, number);
        }

        CsvField<string>.Write(writer, row.Label);
    }
}
