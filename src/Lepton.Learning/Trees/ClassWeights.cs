using System.Globalization;

namespace Lepton.Learning;

/// <summary>How much each class counts in a fit. Source: scikit-learn <c>class_weight</c>.</summary>
/// <param name="IsBalanced">Whether every class counts as much as any other, however many rows it has.</param>
/// <param name="Weights">The weights of single classes; 1 for those that are not listed.</param>
public sealed record ClassWeights(bool IsBalanced, IReadOnlyList<ClassWeight> Weights)
{
    /// <summary>Every row counts once.</summary>
    public static ClassWeights None { get; } = new(false, []);

    /// <summary>A row counts rows / (classes × rows of its class).</summary>
    public static ClassWeights Balanced { get; } = new(true, []);

    /// <summary>Weights of single classes; 1 for those that are not listed.</summary>
    public static ClassWeights Of(params IReadOnlyList<ClassWeight> weights) => new(false, weights);

    /// <summary>One weight for each class of the table; adds to the problems what can't be.</summary>
    internal double[] Resolve(LabeledTable table, List<string> problems)
    {
        double[] weights = new double[table.ClassNames.Count];
        int[] counts = table.ClassCounts();
        int present = counts.Count(c => c > 0);
        for (int c = 0; c < weights.Length; c++)
        {
            weights[c] = IsBalanced && counts[c] > 0 ? (double)table.Rows / ((double)present * counts[c]) : 1;
        }

        foreach (string twice in Weights.GroupBy(static weight => weight.ClassName, StringComparer.Ordinal)
            .Where(static group => group.Skip(1).Any()).Select(static group => group.Key))
        {
            problems.Add($"ClassWeights names the class '{twice}' more than once, expected one weight a class");
        }

        foreach (ClassWeight weight in Weights)
        {
            int index = table.ClassNames.ToList().IndexOf(weight.ClassName);
            if (index < 0)
            {
                problems.Add(
                    $"ClassWeights names the class '{weight.ClassName}', expected one of " +
                    FeatureMatrix.Shown(table.ClassNames));
            }
            else if (!(weight.Weight > 0) || !double.IsFinite(weight.Weight))
            {
                problems.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"ClassWeights gives '{weight.ClassName}' {weight.Weight}, expected a number above 0"));
            }
            else
            {
                weights[index] *= weight.Weight;
            }
        }

        return weights;
    }
}
