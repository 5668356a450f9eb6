namespace Lepton.Compute.Formats;

/// <summary>How a type of rows lies in columns. A slot is a place in the record that takes one field.</summary>
internal abstract class CsvShape<T>
{
    public static CsvShape<T> Instance => Lazily.Value;

    private static readonly Lazy<CsvShape<T>> Lazily = new(CsvShapes.Create<T>);

    /// <summary>Makes a record of a row; with <see cref="CsvRow.HasFailed"/> the result means nothing.</summary>
    public abstract Func<CsvRow, T> Parse { get; }

    /// <summary>Writes the fields of a record.</summary>
    public abstract Action<CsvRowWriter, T> Write { get; }

    /// <summary>Whether null is a record: a nullable value alone.</summary>
    public virtual bool TakesNull => false;

    /// <summary>The column of each slot.</summary>
    public abstract int[] Bind(CsvHeader header);

    /// <summary>The columns' names where they don't depend on a row; null where they do.</summary>
    public abstract IReadOnlyList<string>? FixedNames(CsvOptions options);

    /// <summary>The columns' names, given the first row.</summary>
    public virtual IReadOnlyList<string> NamesFor(T first, CsvOptions options) => FixedNames(options)!;

    /// <summary>Column by column, for rows taken by position.</summary>
    protected static int[] BindByPosition(CsvHeader header, IReadOnlyList<string> members, string advice)
    {
        if (header.ColumnCount != members.Count)
        {
            throw new ColumnCountException(header.File,
                $"{header.File} has {header.ColumnCount} columns, but {typeof(T).Name} takes {members.Count} by " +
                $"position ({string.Join(", ", members)}). {advice}");
        }

        return [.. Enumerable.Range(0, members.Count)];
    }
}
