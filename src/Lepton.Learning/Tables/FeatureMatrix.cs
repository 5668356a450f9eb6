using Lepton.Compute;
using System.Globalization;

namespace Lepton.Learning;

/// <summary>
/// A table of finite numbers, rows × features, stored row after row. Immutable and thread safe. Rows are counted from 0
/// in every message. Takes 8 bytes a value.
/// </summary>
public sealed class FeatureMatrix
{
    private const int NamesShownMax = 12;
    private readonly double[] _values;
    private readonly string[] _names;

    /// <summary>
    /// Takes <paramref name="values"/> over, row after row, without a copy: the caller must not write to it any more.
    /// </summary>
    /// <param name="values">rows × features numbers, all finite; none for a table without rows.</param>
    /// <param name="names">One name for each feature, all different.</param>
    /// <exception cref="LearningDataException">A name is empty or stands twice, the values don't fill whole rows, or
    /// one is NaN or infinite.</exception>
    public FeatureMatrix(double[] values, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(names);
        _names = [.. names];
        CheckNames(_names);
        if (values.Length % _names.Length != 0)
        {
            throw new LearningDataException(
                $"{values.Length} values don't fill whole rows of {_names.Length} features ({Shown(_names)}). " +
                "Give every row one value for each feature.");
        }

        _values = values;
        Rows = values.Length / _names.Length;
        CheckFinite();
    }

    /// <summary>Number of rows; may be 0.</summary>
    public int Rows { get; }

    /// <summary>Number of features (columns); at least 1.</summary>
    public int Features => _names.Length;

    /// <summary>The features' names, in column order.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The values, row after row.</summary>
    public ReadOnlySpan<double> Values => _values;

    /// <summary>One value.</summary>
    public double this[int row, int feature] => Row(row)[feature];

    /// <summary>One row: as many values as there are features.</summary>
    public ReadOnlySpan<double> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        return _values.AsSpan(row * Features, Features);
    }

    /// <summary>A matrix whose features are named x0, x1 and so on. Takes <paramref name="values"/> over, as the
    /// constructor.</summary>
    /// <exception cref="LearningDataException">As the constructor.</exception>
    public static FeatureMatrix Unnamed(double[] values, int features)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        return new FeatureMatrix(values, [.. Enumerable.Range(0, features).Select(DefaultName)]);
    }

    /// <summary>Copies rows.</summary>
    /// <exception cref="LearningDataException">As the constructor, or a row is longer or shorter than there are
    /// names.</exception>
    public static FeatureMatrix FromRows(IEnumerable<IReadOnlyList<double>> rows, IReadOnlyList<string> names)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(names);
        List<double> values = [];
        int row = 0;
        foreach (IReadOnlyList<double> source in rows)
        {
            if (source.Count != names.Count)
            {
                throw new LearningDataException(
                    $"Row {row} has {source.Count} values, but there are {names.Count} features ({Shown(names)}). " +
                    "Give every row one value for each feature.");
            }

            values.AddRange(source);
            row++;
        }

        return new FeatureMatrix([.. values], names);
    }

    /// <summary>A copy of the rows with these numbers, in this order; a row may come more than once.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public FeatureMatrix SelectRows(ReadOnlySpan<int> rows)
    {
        double[] values = new double[rows.Length * Features];
        for (int i = 0; i < rows.Length; i++)
        {
            Row(rows[i]).CopyTo(values.AsSpan(i * Features, Features));
        }

        return new FeatureMatrix(values, _names);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Rows} rows × {Features} features";

    internal static string Shown(IReadOnlyList<string> names) => names.Count <= NamesShownMax
        ? string.Join(", ", names)
        : string.Join(", ", names.Take(NamesShownMax)) + ", …";

    /// <summary>Refuses a matrix that a model fitted on <paramref name="fitted"/> features can't read.</summary>
    internal void RequireFeatures(IReadOnlyList<string> fitted)
    {
        if (fitted.Count != Features)
        {
            throw new LearningDataException(
                $"The model was fitted on {fitted.Count} features ({Shown(fitted)}), but the table is {ToString()} " +
                $"({Shown(_names)}). Give it the features that it was fitted on, in the same order.");
        }

        // A table without names of its own is taken by position.
        if (HasDefaultNames(_names) || HasDefaultNames(fitted))
        {
            return;
        }

        for (int i = 0; i < Features; i++)
        {
            if (_names[i] != fitted[i])
            {
                throw new LearningDataException(
                    $"Feature {i} of the table is '{_names[i]}', but the model was fitted on '{fitted[i]}' there " +
                    $"({Shown(fitted)}). Put the columns into the order in which the model was fitted.");
            }
        }
    }

    /// <summary>Refuses a matrix without rows.</summary>
    internal void RequireRows(string purpose)
    {
        if (Rows == 0)
        {
            throw new LearningDataException(
                $"The table has no rows ({Features} features: {Shown(_names)}), and {purpose} needs at least one. " +
                "Check the source and the filters before this step.",
                ExitCodes.EmptyData);
        }
    }

    private static string DefaultName(int feature) => string.Create(CultureInfo.InvariantCulture, $"x{feature}");

    private static bool HasDefaultNames(IReadOnlyList<string> names)
    {
        for (int i = 0; i < names.Count; i++)
        {
            if (names[i] != DefaultName(i))
            {
                return false;
            }
        }

        return true;
    }

    private static void CheckNames(string[] names)
    {
        if (names.Length == 0)
        {
            throw new LearningDataException("The table has no features. Name at least one column to learn from.");
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            if (string.IsNullOrEmpty(names[i]))
            {
                throw new LearningDataException($"Feature {i} has no name. Give every feature one.");
            }

            if (!seen.Add(names[i]))
            {
                throw new LearningDataException(
                    $"Two features are named '{names[i]}' (the second is feature {i}). Give every feature its own " +
                    "name.");
            }
        }
    }

    private void CheckFinite()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            if (!double.IsFinite(_values[i]))
            {
                string what = double.IsNaN(_values[i]) ? "not a number (NaN)" : "infinite";
                throw new LearningDataException(
                    $"Row {i / Features}, column '{_names[i % Features]}' is {what}, but only finite numbers can be " +
                    "learned from. Fill the gap in or leave the row out.",
                    ExitCodes.NotFinite);
            }
        }
    }
}
