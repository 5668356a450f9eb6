using System.Globalization;
using Lepton.Compute;

namespace Lepton.Learning;

/// <summary>
/// Count, mean and sum of squared deviations of each column, gathered in one pass (Welford's update) and mergeable
/// (Chan's update), without the cancellation of sums of squares. Merging is associative and commutative up to rounding:
/// for bits that don't depend on who worked, cut the rows into the same parts and merge the parts in order. Not thread
/// safe.
/// </summary>
/// <remarks>Sources: Welford 1962; Chan, Golub, LeVeque 1979.</remarks>
public sealed class Moments
{
    private readonly double[] _mean;
    private readonly double[] _m2;

    /// <summary>Moments of no rows.</summary>
    public Moments(int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        _mean = new double[columns];
        _m2 = new double[columns];
    }

    /// <summary>Moments gathered elsewhere; copies both lists.</summary>
    /// <exception cref="ArgumentException">The lists differ in length or are empty, or the count is
    /// negative.</exception>
    public Moments(long count, IReadOnlyList<double> mean, IReadOnlyList<double> m2)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(m2);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (mean.Count != m2.Count || mean.Count == 0)
        {
            throw new ArgumentException(
                $"{mean.Count} means and {m2.Count} sums of squares were given; one of each for every column was " +
                "expected.",
                nameof(m2));
        }

        Count = count;
        _mean = [.. mean];
        _m2 = [.. m2];
    }

    /// <summary>Rows seen.</summary>
    public long Count { get; private set; }

    /// <summary>Number of columns.</summary>
    public int Columns => _mean.Length;

    /// <summary>The mean of each column; 0 before the first row.</summary>
    public IReadOnlyList<double> Mean => _mean;

    /// <summary>The sum of squared deviations from the mean, for each column.</summary>
    public IReadOnlyList<double> M2 => _m2;

    /// <summary>The moments of a whole matrix.</summary>
    public static Moments Of(FeatureMatrix features)
    {
        ArgumentNullException.ThrowIfNull(features);
        Moments moments = new(features.Features);
        for (int row = 0; row < features.Rows; row++)
        {
            moments.Add(features.Row(row));
        }

        return moments;
    }

    /// <summary>The moments of the rows of both; neither is changed.</summary>
    /// <exception cref="LearningDataException">They have different numbers of columns.</exception>
    public static Moments Merge(Moments first, Moments second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (first.Columns != second.Columns)
        {
            throw new LearningDataException(
                $"Moments of {first.Columns} columns can't be merged with moments of {second.Columns} columns. " +
                "Gather both over the same features.");
        }

        if (first.Count == 0 || second.Count == 0)
        {
            Moments whole = first.Count == 0 ? second : first;
            return new Moments(whole.Count, whole._mean, whole._m2);
        }

        Moments merged = new(first.Columns) { Count = checked(first.Count + second.Count) };
        double secondShare = (double)second.Count / merged.Count;
        for (int i = 0; i < merged.Columns; i++)
        {
            double delta = second._mean[i] - first._mean[i];
            merged._mean[i] = first._mean[i] + (delta * secondShare);
            merged._m2[i] = first._m2[i] + second._m2[i] + (delta * delta * secondShare * first.Count);
        }

        return merged;
    }

    /// <summary>Takes one row in.</summary>
    /// <exception cref="LearningDataException">
    /// The row has another number of columns, or a value that is not a finite number; it is not taken in then.
    /// </exception>
    public void Add(ReadOnlySpan<double> row)
    {
        if (row.Length != Columns)
        {
            throw new LearningDataException(
                $"A row of {row.Length} values can't be added to moments of {Columns} columns. " +
                "Give every row one value for each column.");
        }

        for (int i = 0; i < row.Length; i++)
        {
            if (!double.IsFinite(row[i]))
            {
                throw new LearningDataException(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"Row {Count} of a part, counted from 0, has {row[i]} in column {i}, and moments need finite " +
                            $"numbers. Leave such rows out or fill the gaps first."),
                    ExitCodes.NotFinite);
            }
        }

        Count++;
        for (int i = 0; i < row.Length; i++)
        {
            double delta = row[i] - _mean[i];
            _mean[i] += delta / Count;
            _m2[i] += delta * (row[i] - _mean[i]);
        }
    }

    /// <summary>The population variance of one column: squared deviations over the count; 0 before the first
    /// row.</summary>
    public double Variance(int column) => Count == 0 ? 0 : _m2[column] / Count;
}
