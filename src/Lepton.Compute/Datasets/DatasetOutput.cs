using Lepton.Compute.Execution;
using Lepton.Compute.Formats;
using Lepton.Compute.Outputs;
using Lepton.Compute.Plans;
using Lepton.Compute.Session;

namespace Lepton.Compute.Datasets;

/// <summary>
/// Writing to files: a directory with a file for each partition and, once all are whole, the marker <c>_SUCCESS</c>.
/// All or nothing: the files are written under a temporary name beside the target, which is renamed when the last one
/// is done. A directory can be <c>s3://bucket/folder</c>: there the objects appear when all of them were sent, and
/// count once the marker, which names them, is there.
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
        IOutput output = await IOutput.OpenAsync(directory, options, source.Session.OutputsInWork, cancellation)
            .ConfigureAwait(false);
        await using var disposal = output.ConfigureAwait(false);
        PartPlace place = output.Place;
        bool durable = options.Durable;
        await using ActionScope scope = source.Session.BeginAction(
            source.JobName($"Write {Path.GetFileName(output.Path)}"));
        PartFile[] parts = await scope.RunAsync(
            source.Node,
            (records, context) => WritePart(records, context, format, place, extension, durable),
            cancellation).ConfigureAwait(false);
        await scope.CompleteAsync(async () =>
        {
            if (parts.Length == 0)
            {
                // A directory without a file could not be read again.
                parts = [await Task.Run(() => place.Write(
                    0, 0, extension, durable, stream => format.Create().Write(stream, [], cancellation), cancellation),
                    cancellation).ConfigureAwait(false)];
            }

            await output.CommitAsync(parts, extension, "", cancellation).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return parts.Sum(part => part.Rows);
    }

    private static PartFile WritePart<T>(
        IEnumerable<T> records, TaskContext context, FormatSpec<T> format, PartPlace place, string extension,
            bool durable)
    {
        PartFile part = context.OpenOutput(place).Write(
            context.Partition, context.Copy, extension, durable,
            stream => format.Create().Write(stream, records, context.Cancellation), context.Cancellation);
        context.Metrics.RowsOut += part.Rows;
        return part;
    }
}
