using Lepton.Core.Randomness;

namespace Lepton.Learning.Tests;

/// <summary>Tables made from a seed.</summary>
internal static class SyntheticTables
{
    /// <summary>
    /// Rows whose class moves the first half of the features; the others are noise of few distinct values, so that
    /// there are ties.
    /// </summary>
    public static LabeledTable Make(ulong seed, int rows = 60, int features = 5, int classes = 3)
    {
        SeededRandom random = new(seed);
        double[] values = new double[rows * features];
        int[] labels = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            labels[row] = row % classes;
            for (int f = 0; f < features; f++)
            {
                values[(row * features) + f] = f < (features + 1) / 2
                    ? labels[row] + (3 * random.NextDouble())
                    : random.NextInt32(4);
            }
        }

        return new LabeledTable(
            FeatureMatrix.Unnamed(values, features),
            labels,
            [.. Enumerable.Range(0, classes).Select(c => $"class {c}")]);
    }

    /// <summary>A table of one feature.</summary>
    public static LabeledTable Of(double[] values, int[] labels, params string[] classNames) =>
        new(new FeatureMatrix(values, ["width"]), labels, classNames.Length > 0 ? classNames : ["no", "yes"]);
}
