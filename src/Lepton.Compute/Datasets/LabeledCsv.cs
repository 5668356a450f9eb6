using Lepton.Compute.Formats;
using Lepton.Compute.Plans;

namespace Lepton.Compute.Datasets;

/// <summary>
/// CSV files of numbers with a column of classes, whose other columns are not known when the program is written. Each
/// file's header tells where its columns are.
/// </summary>
/// <param name="NumberNames">The columns of the first file but for the classes, in its order.</param>
/// <param name="Rows">The rows, read by the workers.</param>
public sealed record LabeledCsv(IReadOnlyList<string> NumberNames, Dataset<LabeledRow> Rows)
{
    /// <summary>Looks at the first file's header; the rows are not read yet.</summary>
    /// <param name="session">The session whose workers read.</param>
    /// <param name="path">A file, a directory, or a glob; gzip by the ending <c>.gz</c>.</param>
    /// <param name="label">The column of the classes, by its exact name.</param>
    /// <param name="options">How CSV is read; with a header, or with column names.</param>
    /// <param name="splitBytes">Bytes that one task reads.</param>
    /// <exception cref="SourceNotFoundException">The path names nothing; the message tells what is near.</exception>
    /// <exception cref="EmptySourceException">No file has a row.</exception>
    /// <exception cref="MissingColumnException">There is no column of that name; the message tells which is
    /// near.</exception>
    /// <exception cref="UnreadableFileException">A file is no CSV, or may not be read.</exception>
    public static LabeledCsv Open(
        LeptonSession session,
        string path,
        string label,
        CsvOptions? options = null,
        long splitBytes = SessionSources.SplitBytesDefault)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentOutOfRangeException.ThrowIfLessThan(splitBytes, 1);
        IReadOnlyList<string> numbers = ReadNumberNames(path, label, options);
        var format = new FormatSpec<LabeledRow>(FormatKind.Csv, options, labeledColumns: [.. numbers, label]);
        var node = new FileNode<LabeledRow>(
            session.NextId(), [path], format, splitBytes, $"ReadCsv {Path.GetFileName(path)}");
        return new LabeledCsv(numbers, new Dataset<LabeledRow>(session, node));
    }

    /// <summary>
    /// The columns of the first file but for the classes. It needs no session: a program can find what is wrong with a
    /// path before it starts workers.
    /// </summary>
    /// <exception cref="SourceException">As <see cref="Open"/>.</exception>
    public static IReadOnlyList<string> ReadNumberNames(string path, string label, CsvOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(label);
        options ??= new CsvOptions();
        options.Validate();
        CsvHeader header = FirstHeader(path, options);
        string[] numbers = [.. (header.Names ?? []).Where(name => name != label)];
        new LabeledShape(numbers, label).Bind(header);
        return numbers;
    }

    /// <summary>
    /// Counts rows as the workers will cut them, compressed files and quoted line ends included, up to
    /// <paramref name="rowsMax"/> of them. It needs no session, reads no further than that, and does not mind what is
    /// in the rows.
    /// </summary>
    /// <param name="path">A file, a directory, or a glob; gzip by the ending <c>.gz</c>.</param>
    /// <param name="rowsMax">Where counting ends; at least 1.</param>
    /// <param name="options">How CSV is read.</param>
    /// <exception cref="SourceNotFoundException">The path names nothing.</exception>
    /// <exception cref="UnreadableFileException">A file can't be read.</exception>
    public static int CountRows(string path, int rowsMax, CsvOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsMax, 1);
        options ??= new CsvOptions();
        options.Validate();
        var dialect = new CsvDialect(options);
        int rows = 0;
        foreach (SourceFile file in FileSplitter.Resolve([path]).Where(file => file.Bytes > 0))
        {
            using var records = new CsvRecords(
                file.Whole, dialect, SplitBuffer.DefaultBytes, CancellationToken.None);
            bool isRow = !options.HasHeader;
            while (rows < rowsMax && records.TryRead())
            {
                rows += isRow ? 1 : 0;
                isRow = true;
            }
        }

        return rows;
    }

    private static CsvHeader FirstHeader(string path, CsvOptions options)
    {
        IReadOnlyList<SourceFile> files = FileSplitter.Resolve([path]);
        var dialect = new CsvDialect(options);
        foreach (SourceFile file in files)
        {
            CsvHeader header = CsvHeader.Read(file.Whole, dialect, CancellationToken.None);
            if (header.ColumnCount > 0)
            {
                return header;
            }
        }

        string first = files[0].Path;
        string what = files.Count == 1
            ? $"{first} is empty"
            : $"All {files.Count} files are empty; the first is {first}";
        throw new EmptySourceException(
            first,
            $"{what}. " +
            "Expected a header and at least one row behind it. Check that whatever writes the data has finished, " +
                "and that the path is right.");
    }
}
