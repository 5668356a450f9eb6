using System.Globalization;

namespace Lepton.Learning;

/// <summary>Features and the class of each row: what a classifier is fitted on. Immutable and thread safe.</summary>
public sealed class LabeledTable
{
    private readonly int[] _labels;
    private readonly string[] _classNames;

    /// <summary>Takes <paramref name="labels"/> over without a copy: the caller must not write to it any
    /// more.</summary>
    /// <param name="features">The numbers.</param>
    /// <param name="labels">For each row the index of its class in <paramref name="classNames"/>.</param>
    /// <param name="classNames">The classes' names, all different; a class may have no row.</param>
    /// <exception cref="LearningDataException">The numbers of rows and labels differ, a label is out of range, or two
    /// classes have one name.</exception>
    public LabeledTable(FeatureMatrix features, int[] labels, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(classNames);
        if (features.Rows != labels.Length)
        {
            throw new LearningDataException(
                $"The features are {features}, but there are {labels.Length} labels. Give every row one label.");
        }

        Features = features;
        _labels = labels;
        _classNames = [.. classNames];
        string? twice = _classNames.GroupBy(n => n, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1)?.Key;
        if (twice is not null)
        {
            throw new LearningDataException($"Two classes are named '{twice}'. Give every class its own name.");
        }

        for (int row = 0; row < labels.Length; row++)
        {
            if ((uint)labels[row] >= (uint)_classNames.Length)
            {
                throw new LearningDataException(
                    $"Row {row} has the label {labels[row]}, but there are {_classNames.Length} classes, numbered " +
                    $"from 0 ({FeatureMatrix.Shown(_classNames)}). Use FromLabels to number the classes.");
            }
        }
    }

    /// <summary>The numbers, one row for each label.</summary>
    public FeatureMatrix Features { get; }

    /// <summary>Number of rows.</summary>
    public int Rows => _labels.Length;

    /// <summary>For each row the index of its class in <see cref="ClassNames"/>.</summary>
    public ReadOnlySpan<int> Labels => _labels;

    /// <summary>The names of the classes.</summary>
    public IReadOnlyList<string> ClassNames => _classNames;

    /// <summary>
    /// Numbers the classes in the order of their names: by value where all of them are whole numbers, by character
    /// otherwise, so that the numbering does not depend on the order of the rows.
    /// </summary>
    /// <exception cref="LearningDataException">The numbers of rows and labels differ, or a label is null or
    /// empty.</exception>
    public static LabeledTable FromLabels(FeatureMatrix features, IReadOnlyList<string> labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        for (int row = 0; row < labels.Count; row++)
        {
            if (string.IsNullOrEmpty(labels[row]))
            {
                throw new LearningDataException(
                    $"Row {row} has no label, but a classifier needs the class of every row. Fill it in or leave the " +
                    "row out.");
            }
        }

        string[] names = [.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (names.All(n => long.TryParse(n, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
        {
            names = [.. names.OrderBy(n => long.Parse(n, CultureInfo.InvariantCulture))];
        }

        Dictionary<string, int> indexes = new(StringComparer.Ordinal);
        for (int i = 0; i < names.Length; i++)
        {
            indexes.Add(names[i], i);
        }

        return new LabeledTable(features, [.. labels.Select(label => indexes[label])], names);
    }

    /// <summary>A copy of the rows with these numbers, in this order, with the same classes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public LabeledTable SelectRows(ReadOnlySpan<int> rows)
    {
        FeatureMatrix features = Features.SelectRows(rows);
        int[] labels = new int[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            labels[i] = _labels[rows[i]];
        }

        return new LabeledTable(features, labels, _classNames);
    }

    /// <summary>How many rows each class has, in the order of <see cref="ClassNames"/>.</summary>
    public int[] ClassCounts()
    {
        int[] counts = new int[_classNames.Length];
        foreach (int label in _labels)
        {
            counts[label]++;
        }

        return counts;
    }

    /// <summary>The same labels with other features, as after a scaler's transform.</summary>
    /// <exception cref="LearningDataException">The number of rows differs.</exception>
    public LabeledTable WithFeatures(FeatureMatrix features) => new(features, _labels, _classNames);

    /// <inheritdoc/>
    public override string ToString() => $"{Features}, {_classNames.Length} classes";

    /// <summary>Refuses a table that no classifier can be fitted on.</summary>
    internal void RequireClasses()
    {
        Features.RequireRows("fitting a classifier");
        if (!_labels.AsSpan().ContainsAnyExcept(_labels[0]))
        {
            throw new LearningDataException(
                $"All {Rows} rows have the class '{_classNames[_labels[0]]}', but a classifier needs at least two " +
                "classes. Check the label column and the filters before this step.");
        }
    }
}
