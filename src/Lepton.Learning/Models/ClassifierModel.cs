using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lepton.Core.Records;

namespace Lepton.Learning;

/// <summary>A fitted classifier. Immutable and thread safe.</summary>
public abstract class ClassifierModel : FittedModel
{
    private readonly string[] _featureNames;
    private readonly string[] _classNames;

    private protected ClassifierModel(IReadOnlyList<string> featureNames, IReadOnlyList<string> classNames)
    {
        _featureNames = [.. featureNames];
        _classNames = [.. classNames];
    }

    /// <summary>The features that it was fitted on, in order.</summary>
    public IReadOnlyList<string> FeatureNames => _featureNames;

    /// <summary>The classes that it knows; predictions are indexes into this list.</summary>
    public IReadOnlyList<string> ClassNames => _classNames;

    /// <summary>The probability of each class for each row: rows × classes, each row adding up to 1.</summary>
    /// <exception cref="LearningDataException">The matrix has other features than the model was fitted on.</exception>
    public double[,] PredictProba(FeatureMatrix features)
    {
        double[] flat = Probabilities(features);
        double[,] probabilities = new double[features.Rows, _classNames.Length];
        ref byte first = ref MemoryMarshal.GetArrayDataReference((Array)probabilities);
        flat.CopyTo(MemoryMarshal.CreateSpan(ref Unsafe.As<byte, double>(ref first), flat.Length));
        return probabilities;
    }

    /// <summary>The index of the likeliest class for each row; the first of equals.</summary>
    /// <exception cref="LearningDataException">The matrix has other features than the model was fitted on.</exception>
    public int[] Predict(FeatureMatrix features)
    {
        double[] flat = Probabilities(features);
        int[] labels = new int[features.Rows];
        for (int row = 0; row < labels.Length; row++)
        {
            ReadOnlySpan<double> of = flat.AsSpan(row * _classNames.Length, _classNames.Length);
            for (int c = 1; c < of.Length; c++)
            {
                if (of[c] > of[labels[row]])
                {
                    labels[row] = c;
                }
            }
        }

        return labels;
    }

    /// <summary>The name of the likeliest class for each row.</summary>
    /// <exception cref="LearningDataException">The matrix has other features than the model was fitted on.</exception>
    public string[] PredictNames(FeatureMatrix features) => [.. Predict(features).Select(label => _classNames[label])];

    /// <summary>Predicts a table whose classes are known and counts what came of it. Classes are matched by
    /// name.</summary>
    /// <exception cref="LearningDataException">The table has other features, or a row of a class that the model does
    /// not know.
    /// </exception>
    public ConfusionMatrix Evaluate(LabeledTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        int[] actual = new int[table.Rows];
        for (int row = 0; row < actual.Length; row++)
        {
            string name = table.ClassNames[table.Labels[row]];
            actual[row] = Array.IndexOf(_classNames, name);
            if (actual[row] < 0)
            {
                throw new LearningDataException(
                    $"Row {row} has the class '{name}', which the model never saw: it was fitted on " +
                    $"{FeatureMatrix.Shown(_classNames)}. Fit it again with rows of that class, or leave the row out.");
            }
        }

        return ConfusionMatrix.Of(actual, Predict(table.Features), _classNames);
    }

    /// <summary>Adds the class probabilities of every row, rows × classes, to zeroed sums.</summary>
    private protected abstract void AddProbabilities(FeatureMatrix features, double[] probabilities);

    private protected void WriteNames(RecordWriter writer)
    {
        ModelFile.WriteNames(writer, _featureNames);
        ModelFile.WriteNames(writer, _classNames);
    }

    private double[] Probabilities(FeatureMatrix features)
    {
        ArgumentNullException.ThrowIfNull(features);
        features.RequireFeatures(_featureNames);
        double[] probabilities = new double[checked(features.Rows * _classNames.Length)];
        AddProbabilities(features, probabilities);
        return probabilities;
    }
}
