using Lepton.Compute;

namespace Lepton.Learning;

/// <summary>
/// Shifts each feature to mean 0 and scales it to a standard deviation of 1 (population, divided by the count).
/// One pass over the rows; memory does not depend on their number. Source: scikit-learn <c>StandardScaler</c>.
/// </summary>
public sealed record StandardScaler
{
    /// <summary>Whether to shift to mean 0. Default: true.</summary>
    public bool WithMean { get; init; } = true;

    /// <summary>Whether to scale to a standard deviation of 1. Default: true.</summary>
    public bool WithStd { get; init; } = true;

    /// <summary>Fits on the rows of a matrix.</summary>
    /// <exception cref="LearningDataException">There are no rows.</exception>
    public StandardScalerModel Fit(FeatureMatrix features)
    {
        ArgumentNullException.ThrowIfNull(features);
        features.RequireRows("fitting a StandardScaler");
        return Fit(Moments.Of(features), features.Names);
    }

    /// <summary>Fits on moments that were gathered part by part and merged.</summary>
    /// <exception cref="LearningDataException">No rows were seen, or names and columns differ in number.</exception>
    public StandardScalerModel Fit(Moments moments, IReadOnlyList<string> featureNames)
    {
        ArgumentNullException.ThrowIfNull(moments);
        ArgumentNullException.ThrowIfNull(featureNames);
        if (moments.Columns != featureNames.Count)
        {
            throw new LearningDataException(
                $"The moments have {moments.Columns} columns, but there are {featureNames.Count} feature names " +
                $"({FeatureMatrix.Shown(featureNames)}). Name every column once.");
        }

        if (moments.Count == 0)
        {
            throw new LearningDataException(
                "No row was seen, and fitting a StandardScaler needs at least one. Check the source and the filters " +
                "before this step.",
                ExitCodes.EmptyData);
        }

        double[] mean = new double[moments.Columns];
        double[] scale = new double[moments.Columns];
        for (int i = 0; i < mean.Length; i++)
        {
            mean[i] = WithMean ? moments.Mean[i] : 0;
            scale[i] = WithStd ? ScaleOf(moments, i) : 1;
        }

        return new StandardScalerModel(featureNames, mean, scale);
    }

    private static double ScaleOf(Moments moments, int column)
    {
        // A spread within the rounding of the mean is no spread: dividing by it would blow noise up. scikit-learn's
        // bound grows with the number of rows because its sums lose digits; Welford's don't, so a few units in the last
        // place do.
        double deviation = Math.Sqrt(moments.Variance(column));
        return deviation <= 4 * double.Epsilon + (Math.Abs(moments.Mean[column]) * 1e-15) ? 1 : deviation;
    }
}
