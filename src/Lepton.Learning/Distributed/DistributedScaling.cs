using Lepton.Compute;
using Lepton.Compute.Datasets;

namespace Lepton.Learning;

/// <summary>Fits a <see cref="StandardScaler"/> on the workers.</summary>
public static class DistributedScaling
{
    /// <summary>
    /// Fits on the rows of a data set: each partition gathers its moments, which are merged in the order of the
    /// partitions. The result depends on the rows and how they are partitioned, never on the number of workers. One
    /// pass; memory does not depend on the number of rows.
    /// </summary>
    /// <param name="scaler">The settings.</param>
    /// <param name="rows">The rows, each with a value for every feature.</param>
    /// <param name="featureNames">The features' names, in the order of the values.</param>
    /// <param name="cancellation">Cancels the job.</param>
    /// <exception cref="LearningDataException">
    /// There are no rows, or one is longer or shorter than there are names, or holds what is no finite number.
    /// </exception>
    public static async Task<StandardScalerModel> FitAsync(
        this StandardScaler scaler,
        Dataset<double[]> rows,
        IReadOnlyList<string> featureNames,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(scaler);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(featureNames);
        if (featureNames.Count == 0)
        {
            throw new LearningDataException(
                "A StandardScaler can't be fitted on rows without features. Name at least one.");
        }

        int columns = featureNames.Count;
        Moments moments = await rows.Named("Fit StandardScaler").AggregateAsync(
            () => new Moments(columns),
            static (moments, row) => Add(moments, row),
            static (first, second) => Moments.Merge(first, second),
            cancellation).ConfigureAwait(false);
        return scaler.Fit(moments, featureNames);
    }

    /// <summary>
    /// Fits on a matrix that the caller holds; its rows are dealt out to at most 16 tasks, whatever the number of
    /// workers.
    /// </summary>
    /// <exception cref="LearningDataException">There are no rows.</exception>
    public static Task<StandardScalerModel> FitAsync(
        this StandardScaler scaler,
        LeptonSession session,
        FeatureMatrix features,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(features);
        features.RequireRows("fitting a StandardScaler");
        double[][] rows = [.. Enumerable.Range(0, features.Rows).Select(row => features.Row(row).ToArray())];
        return scaler.FitAsync(session.From(rows), features.Names, cancellation);
    }

    private static Moments Add(Moments moments, double[] row)
    {
        moments.Add(row);
        return moments;
    }
}
