using System.Text;

namespace Lepton.Learning;

/// <summary>
/// How often rows of each class were predicted to be of each class, and what follows from it. Immutable and thread
/// safe. Source: scikit-learn <c>confusion_matrix</c> and <c>precision_recall_fscore_support</c> with
/// <c>zero_division=0</c>.
/// </summary>
public sealed class ConfusionMatrix
{
    private readonly int[] _counts;
    private readonly string[] _classNames;

    private ConfusionMatrix(int[] counts, IReadOnlyList<string> classNames)
    {
        _counts = counts;
        _classNames = [.. classNames];
    }

    /// <summary>The classes, in the order of rows and columns.</summary>
    public IReadOnlyList<string> ClassNames => _classNames;

    /// <summary>Rows that were predicted.</summary>
    public int Total => _counts.Sum();

    /// <summary>Rows that were predicted rightly.</summary>
    public int Correct => _classNames.Select((_, c) => this[c, c]).Sum();

    /// <summary>The part that was predicted rightly, 0 to 1; 0 without rows.</summary>
    public double Accuracy => Share(Correct, Total);

    /// <summary>The mean F1 of the classes, each counting the same.</summary>
    public double MacroF1 => ByClass().Average(c => c.F1);

    /// <summary>Rows of class <paramref name="actual"/> that were predicted to be of class
    /// <paramref name="predicted"/>.</summary>
    public int this[int actual, int predicted]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(predicted);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(predicted, _classNames.Length);
            return _counts[(actual * _classNames.Length) + predicted];
        }
    }

    /// <summary>Counts predictions.</summary>
    /// <param name="actual">The class index of each row.</param>
    /// <param name="predicted">The predicted class index of each row.</param>
    /// <param name="classNames">The classes.</param>
    /// <exception cref="LearningDataException">The lengths differ, or an index is no class.</exception>
    public static ConfusionMatrix Of(
        ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted, IReadOnlyList<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(classNames);
        if (actual.Length != predicted.Length)
        {
            throw new LearningDataException(
                $"There are {actual.Length} actual classes and {predicted.Length} predictions. Give one of each for " +
                "every row.");
        }

        int classes = classNames.Count;
        int[] counts = new int[classes * classes];
        for (int row = 0; row < actual.Length; row++)
        {
            if ((uint)actual[row] >= (uint)classes || (uint)predicted[row] >= (uint)classes)
            {
                throw new LearningDataException(
                    $"Row {row} is of class {actual[row]} and predicted {predicted[row]}, but there are {classes} " +
                    $"classes, numbered from 0 ({FeatureMatrix.Shown(classNames)}). Number both by the same list of " +
                    "classes.");
            }

            counts[(actual[row] * classes) + predicted[row]]++;
        }

        return new ConfusionMatrix(counts, classNames);
    }

    /// <summary>The sum of two matrices over the same classes: the folds of a cross-validation, or the parts of a
    /// table.</summary>
    /// <exception cref="LearningDataException">The classes differ.</exception>
    public static ConfusionMatrix Merge(ConfusionMatrix first, ConfusionMatrix second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        if (!first._classNames.AsSpan().SequenceEqual(second._classNames))
        {
            throw new LearningDataException(
                $"Counts over the classes {FeatureMatrix.Shown(first._classNames)} can't be merged with counts over " +
                $"{FeatureMatrix.Shown(second._classNames)}. Use one list of classes for both.");
        }

        return new ConfusionMatrix([.. first._counts.Zip(second._counts, (a, b) => a + b)], first._classNames);
    }

    /// <summary>Precision, recall and F1 of each class.</summary>
    public IReadOnlyList<ClassMetrics> ByClass() => [.. _classNames.Select((name, c) =>
    {
        int hits = this[c, c];
        int support = Enumerable.Range(0, _classNames.Length).Sum(other => this[c, other]);
        int claimed = Enumerable.Range(0, _classNames.Length).Sum(other => this[other, c]);
        return new ClassMetrics(
            name, support, Share(hits, claimed), Share(hits, support), Share(2 * hits, support + claimed));
    })];

    /// <summary>A table of text: a line for each actual class, a column for each predicted one; lines end in
    /// \n.</summary>
    public override string ToString()
    {
        const string Corner = "actual \\ predicted";
        int first = Math.Max(Corner.Length, _classNames.Max(n => n.Length));
        int[] widths = [.. _classNames.Select((name, c) => _classNames
            .Select((_, actual) => $"{this[actual, c]}".Length)
            .Append(name.Length)
            .Max())];
        StringBuilder text = new();
        text.Append(Corner.PadRight(first));
        for (int c = 0; c < widths.Length; c++)
        {
            text.Append("  ").Append(_classNames[c].PadLeft(widths[c]));
        }

        for (int actual = 0; actual < widths.Length; actual++)
        {
            text.Append('\n').Append(_classNames[actual].PadRight(first));
            for (int c = 0; c < widths.Length; c++)
            {
                text.Append("  ").Append($"{this[actual, c]}".PadLeft(widths[c]));
            }
        }

        return text.Append('\n').ToString();
    }

    private static double Share(int part, int whole) => whole == 0 ? 0 : (double)part / whole;
}
