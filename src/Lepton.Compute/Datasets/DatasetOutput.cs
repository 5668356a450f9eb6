using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Outputs;
using Lepton.Compute.Plans;
using Lepton.Compute.Session;

namespace Lepton.Compute.Datasets;

/// <summary>
/// Writing to files: a directory with a file for each partition and, once all are whole, the marker <c>_SUCCESS</c>.
/// All or nothing: the files are written under a temporary name beside the target, which is renamed when the last one
/// is done.
/// </summary>
public static class DatasetOutput
{
    /// <summary>Writes CSV files with a header each.</summary>
    /// <returns>The rows written.</returns>
    public static Task<long> WriteCsvAsync<T>(
        this Dataset<T> source, string directory, CsvOptions? csv = null, WriteOptions? options = null,
        CancellationToken cancellation = default) =>
        WriteAsync(source, directory, new FormatSpec<T>(FormatKind.Csv, csv: csv), options, cancellation);

    /// <summary>Writes a JSON value a line.</summary>
    /// <returns>The rows written.</returns>
    public static Task<long> WriteJsonLinesAsync<T>(
        this Dataset<T> source, string directory, WriteOptions? options = null,
            CancellationToken cancellation = default) =>
        WriteAsync(source, directory, new FormatSpec<T>(FormatKind.JsonLines), options, cancellation);

    /// <summary>Writes lines of text.</summary>
    /// <returns>The lines written.</returns>
    public static Task<long> WriteTextAsync(
        this Dataset<string> source, string directory, WriteOptions? options = null,
            CancellationToken cancellation = default) =>
        WriteAsync(source, directory, new FormatSpec<string>(FormatKind.Text), options, cancellation);

    /// <summary>Writes lines of UTF-8 text.</summary>
    /// <returns>The lines written.</returns>
    public static Task<long> WriteTextAsync(
        this Dataset<Utf8Text> source, string directory, WriteOptions? options = null,
        CancellationToken cancellation = default) =>
        WriteAsync(source, directory, new FormatSpec<Utf8Text>(FormatKind.Utf8Text), options, cancellation);

    private static async Task<long> WriteAsync<T>(
        Dataset<T> source, string directory, FormatSpec<T> format, WriteOptions? options,
            CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(source);
        options ??= new WriteOptions();
        string extension = format.Create().FileExtension;
        using var folder = new OutputFolder(directory, options, source.Session.OutputsInWork);
        string temporary = folder.TemporaryPath;
        bool durable = options.Durable;
        await using ActionScope scope = source.Session.BeginAction(
            source.JobName($"Write {Path.GetFileName(folder.Path)}"));
        PartFile[] parts = await scope.RunAsync(
            source.Node,
            (records, context) => WritePart(records, context, format, temporary, extension, durable),
            cancellation).ConfigureAwait(false);
        scope.Complete(() =>
        {
            if (parts.Length == 0)
            {
                // A directory without a file could not be read again.
                parts = [WriteNothing(format, temporary, extension, cancellation)];
            }

            folder.Commit([.. parts.Select(part => part.Name)], extension);
        });
        return parts.Sum(part => part.Rows);
    }

    private static PartFile WriteNothing<T>(
        FormatSpec<T> format, string folder, string extension, CancellationToken cancellation)
    {
        string name = $"empty{extension}";
        using FileStream file = File.Create(Path.Combine(folder, name));
        return new PartFile(name, format.Create().Write(file, [], cancellation));
    }

    private static PartFile WritePart<T>(
        IEnumerable<T> records, TaskContext context, FormatSpec<T> format, string folder, string extension,
            bool durable)
    {
        string name = $"{context.Partition}-{context.Copy}{extension}";
        string path = Path.Combine(context.OpenOutput(folder), name);
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 0);
        long rows = format.Create().Write(file, records, context.Cancellation);
        if (durable)
        {
            file.Flush(flushToDisk: true);
        }

        context.Metrics.RowsOut += rows;
        return new PartFile(name, rows);
    }
}
