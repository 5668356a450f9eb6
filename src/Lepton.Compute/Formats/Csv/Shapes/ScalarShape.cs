namespace Lepton.Compute.Formats;

/// <summary>Rows of one value.</summary>
internal sealed class ScalarShape<T> : CsvShape<T>
{
    private static readonly string[] DefaultNames = ["value"];

    public override Func<CsvRow, T> Parse { get; } = row => CsvField<T>.Read(row, 0);

    public override Action<CsvRowWriter, T> Write { get; } = CsvField<T>.Write;

    public override bool TakesNull => Nullable.GetUnderlyingType(typeof(T)) is not null;

    public override int[] Bind(CsvHeader header) =>
        BindByPosition(header, DefaultNames, "Use a record with the columns you need, an array, or check the " +
            "delimiter.");

    public override IReadOnlyList<string> FixedNames(CsvOptions options) =>
        options.ColumnNames is { Count: 1 } names ? names : DefaultNames;
}
