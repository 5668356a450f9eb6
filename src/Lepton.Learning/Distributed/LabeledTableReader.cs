using Lepton.Compute;
using Lepton.Compute.Datasets;
using Lepton.Compute.Formats;

namespace Lepton.Learning;

/// <summary>
/// Reads tables to learn from on the workers and brings them to the caller, into whose memory they must fit.
/// </summary>
public static class LabeledTableReader
{
    /// <summary>
    /// Reads CSV files with a header: the column <paramref name="label"/> holds the classes, all others numbers.
    /// Classes are numbered as <see cref="LabeledTable.FromLabels"/> does.
    /// </summary>
    /// <param name="session">The session whose workers read.</param>
    /// <param name="path">A file, a directory, or a glob; gzip by the ending <c>.gz</c>.</param>
    /// <param name="label">The column of the classes, by its exact name.</param>
    /// <param name="options">How CSV is read; with <see cref="OnError.Skip"/> malformed rows are left out and
    /// counted.</param>
    /// <param name="cancellation">Cancels the job.</param>
    /// <exception cref="SourceNotFoundException">The path names nothing; the message tells what is near.</exception>
    /// <exception cref="EmptySourceException">No file has a row.</exception>
    /// <exception cref="MissingColumnException">There is no column of that name; the message tells which is
    /// near.</exception>
    /// <exception cref="MalformedRowException">A value is missing, no number, NaN or infinite; the message tells file,
    /// line and column.</exception>
    /// <exception cref="LearningDataException">There is no column but the label, or every row was left out.</exception>
    public static async Task<LabeledTable> ReadLabeledTableAsync(
        this LeptonSession session,
        string path,
        string label = "label",
        CsvOptions? options = null,
        CancellationToken cancellation = default)
    {
        LabeledCsv csv = LabeledCsv.Open(session, path, label, options);
        List<LabeledRow> rows = await csv.Rows
            .Named($"Read {Path.GetFileName(path)}")
            .ToListAsync(cancellation).ConfigureAwait(false);
        return TableOf(rows, csv.NumberNames);
    }

    /// <summary>Collects a data set of rows.</summary>
    /// <param name="rows">The rows: as many numbers as there are names, and the class.</param>
    /// <param name="featureNames">The names of the numbers, in their order.</param>
    /// <param name="cancellation">Cancels the job.</param>
    /// <exception cref="LearningDataException">There is no row, a row is longer or shorter than there are names, a
    /// number is NaN or infinite, or a class is empty.</exception>
    public static async Task<LabeledTable> ToLabeledTableAsync(
        this Dataset<LabeledRow> rows, IReadOnlyList<string> featureNames, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(featureNames);
        return TableOf(await rows.ToListAsync(cancellation).ConfigureAwait(false), featureNames);
    }

    private static LabeledTable TableOf(List<LabeledRow> rows, IReadOnlyList<string> featureNames)
    {
        FeatureMatrix features = FeatureMatrix.FromRows(rows.Select(row => row.Numbers), featureNames);
        features.RequireRows("learning");
        return LabeledTable.FromLabels(features, [.. rows.Select(row => row.Label)]);
    }
}
