namespace Lepton.Compute.Formats;

/// <summary>
/// CSV. <typeparamref name="T"/> is a record, class or struct whose members are columns by name; a value tuple or a
/// single value, by position; or an array of values.
/// </summary>
internal sealed class CsvFormat<T> : IRecordFormat<T>
{
    private readonly CsvDialect _dialect;
    private readonly CsvShape<T> _shape;

    /// <exception cref="UnmappableTypeException">Rows can't be turned into <typeparamref name="T"/>.</exception>
    /// <exception cref="ArgumentException">The options don't go together.</exception>
    public CsvFormat(CsvOptions options, CsvShape<T>? shape = null)
    {
        _dialect = new CsvDialect(options);
        _shape = shape ?? CsvShapes.For<T>();
    }

    public string FileExtension => ".csv";

    /// <summary>
    /// Splits that start and end where records do, quoted line ends included. Reads files of more than one split
    /// through once, where quotes are on; checks every header against <typeparamref name="T"/>.
    /// </summary>
    /// <exception cref="EmptySourceException">No file has a row.</exception>
    public IReadOnlyList<FileSplit> Split(IReadOnlyList<SourceFile> files, long splitBytes,
        CancellationToken cancellation)
    {
        var splits = new List<FileSplit>();
        bool hasRows = false;
        foreach (SourceFile file in files.Where(file => file.Bytes > 0))
        {
            CsvHeader header = CsvHeader.Read(file.Whole, _dialect, cancellation);
            if (header.ColumnCount > 0)
            {
                _shape.Bind(header);
            }

            hasRows |= header.HasRows;
            if (file.IsGzip)
            {
                splits.Add(file.Whole);
                continue;
            }

            IReadOnlyList<long> wanted = FileSplitter.Borders(file.Bytes, splitBytes);
            splits.AddRange(FileSplitter.FromStarts(file, CsvBorders.Find(file, wanted, _dialect, cancellation)));
        }

        return hasRows ? splits : throw Empty(files);
    }

    /// <summary>The records of one split of <see cref="Split"/>.</summary>
    public IEnumerable<T> Read(FileSplit split, ISkippedRows skipped, CancellationToken cancellation)
    {
        using var reader = new CsvReader<T>(split, _dialect, _shape, skipped, cancellation);
        while (reader.TryRead(out T? record))
        {
            yield return record;
        }
    }

    public long Write(Stream stream, IEnumerable<T> rows, CancellationToken cancellation)
    {
        using var output = new Utf8Output(stream, cancellation);
        var writer = new CsvRowWriter(output, _dialect);
        bool hasHeader = _dialect.Options.HasHeader;
        bool isStarted = false;
        foreach (T row in rows)
        {
            if (row is null && !_shape.TakesNull)
            {
                throw writer.Unwritable("it is null. Leave it out.");
            }

            if (!isStarted)
            {
                isStarted = true;
                Start(writer, _shape.NamesFor(row, _dialect.Options), hasHeader);
            }

            _shape.Write(writer, row);
            writer.EndRow();
        }

        if (!isStarted && _shape.FixedNames(_dialect.Options) is { } names)
        {
            Start(writer, names, hasHeader);
        }

        output.Flush();
        return output.Rows - (hasHeader && output.Rows > 0 ? 1 : 0);
    }

    private static void Start(CsvRowWriter writer, IReadOnlyList<string> names, bool hasHeader)
    {
        writer.Columns = names.Count;
        if (!hasHeader)
        {
            return;
        }

        foreach (string name in names)
        {
            writer.WriteText(name, isNullable: false);
        }

        writer.EndRow();
    }

    private EmptySourceException Empty(IReadOnlyList<SourceFile> files)
    {
        string path = files.Count > 0 ? files[0].Path : "";
        string what = files.Count switch
        {
            1 when files[0].Bytes == 0 => $"{path} is empty",
            1 when _dialect.Options.HasHeader => $"{path} has a header but no rows",
            1 => $"{path} has no rows",
            _ => $"None of the {files.Count} files has a row; the first is {path}",
        };
        string expected = _dialect.Options.HasHeader ? "a header and at least one row behind it" : "at least one row";
        return new EmptySourceException(path, $"{what}. Expected {expected}. Check that whatever writes the data has " +
            "finished, and that the path is right.");
    }
}
