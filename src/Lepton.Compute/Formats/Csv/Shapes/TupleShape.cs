namespace Lepton.Compute.Formats;

/// <summary>Rows as value tuples, by position.</summary>
internal sealed class TupleShape<T> : CsvShape<T>
{
    private readonly string[] _names;

    public TupleShape()
    {
        Type[] types = [.. CsvCompiler.ItemTypes(typeof(T))];
        int bad = Array.FindIndex(types, type => !FieldCodecs.IsSupported(type));
        if (bad >= 0 || types.Length == 0)
        {
            throw new UnmappableTypeException(typeof(T), bad < 0 ? null : $"Item{bad + 1}",
                bad < 0 ? "it has no items." : $"it is a {types[bad].Name}, but fields hold only " +
                    $"{FieldCodecs.SupportedTypes}.");
        }

        _names = [.. types.Select((_, item) => $"Item{item + 1}")];
        Parse = CsvCompiler.TupleParser<T>();
        Write = CsvCompiler.TupleWriter<T>();
    }

    public override Func<CsvRow, T> Parse { get; }

    public override Action<CsvRowWriter, T> Write { get; }

    public override int[] Bind(CsvHeader header) =>
        BindByPosition(header, _names, "Use a tuple with as many items, a record with the columns you need, or check " +
            "the delimiter.");

    public override IReadOnlyList<string> FixedNames(CsvOptions options) =>
        options.ColumnNames is { } names && names.Count == _names.Length ? names : _names;
}
