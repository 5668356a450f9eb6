namespace Lepton.Compute.Formats;

/// <summary>A CSV file lacks columns that the record needs.</summary>
public sealed class MissingColumnException : SourceException
{
    private const int ColumnsShownMax = 40;

    /// <summary>For the members of <paramref name="type"/> that found no column in <paramref name="file"/>.</summary>
    public MissingColumnException(string file, string type, IReadOnlyList<string> missing,
        IReadOnlyList<string> columns)
        : this(file, type, missing, columns,
            "Rename the member, put [CsvColumn(\"name\")] on it, or give it a default value.")
    {
    }

    internal MissingColumnException(string file, string type, IReadOnlyList<string> missing,
        IReadOnlyList<string> columns, string advice)
        : base(Describe(file, type, missing, columns, advice))
    {
        File = file;
        Missing = missing;
        Columns = columns;
    }

    /// <summary>The full path of the file.</summary>
    public string File { get; }

    /// <summary>The members without a column.</summary>
    public IReadOnlyList<string> Missing { get; }

    /// <summary>The columns that the file has.</summary>
    public IReadOnlyList<string> Columns { get; }

    private static string Describe(string file, string type, IReadOnlyList<string> missing,
        IReadOnlyList<string> columns, string advice)
    {
        IEnumerable<string> each = missing.Select(name =>
            NearestName.Find(name, columns) is { } near ? $"'{name}' (the nearest is '{near}')" : $"'{name}'");
        string more = columns.Count > ColumnsShownMax ? $", and {columns.Count - ColumnsShownMax} more" : "";
        return $"{file} has no column for {string.Join(", ", each)} of {type}. Its columns are: " +
            $"{string.Join(", ", columns.Take(ColumnsShownMax))}{more}. {advice}";
    }
}
