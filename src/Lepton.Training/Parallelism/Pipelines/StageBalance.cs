namespace Lepton.Training.Parallelism;

/// <summary>Divides layers among the stages of a pipeline. Pure.</summary>
public static class StageBalance
{
    /// <summary>
    /// The first layer of each stage, so that the slowest stage is as fast as can be, layers stay in their order and
    /// each stage has one. Of several such divisions it is the one whose last stages have the most layers.
    /// </summary>
    /// <remarks>By dynamic programming: O(stages × layers²).</remarks>
    /// <param name="costs">What each layer costs, such as seconds; 0 or more.</param>
    /// <param name="stages">How many stages there are.</param>
    /// <exception cref="ArgumentException">There are fewer layers than stages, or a cost is no number.</exception>
    public static IReadOnlyList<int> Divide(IReadOnlyList<double> costs, int stages)
    {
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentOutOfRangeException.ThrowIfLessThan(stages, 1);
        if (costs.Count < stages)
        {
            throw new ArgumentException(
                $"{costs.Count} layers can't be divided among {stages} stages, of which each needs one. Give a mesh " +
                "with fewer stages, or a model of more layers.",
                nameof(costs));
        }

        if (costs.Any(static cost => !double.IsFinite(cost) || cost < 0))
        {
            throw new ArgumentException("A layer's cost must be a number from 0.", nameof(costs));
        }

        // slowest[s][n]: the slowest stage's cost where the first n layers are on s + 1 stages, the last of which
        // begins at from[s][n].
        double[] before = [0, .. costs.Select((_, i) => costs.Take(i + 1).Sum())];
        double[] slowest = [.. before];
        var from = new int[stages][];
        for (int stage = 1; stage < stages; stage++)
        {
            (slowest, from[stage]) = AddStage(before, slowest, stage);
        }

        int[] starts = new int[stages];
        int end = costs.Count;
        for (int stage = stages - 1; stage > 0; stage--)
        {
            starts[stage] = end = from[stage][end];
        }

        return starts;
    }

    private static (double[] Slowest, int[] From) AddStage(double[] before, double[] slowest, int stage)
    {
        var next = new double[before.Length];
        var from = new int[before.Length];
        for (int end = stage + 1; end < before.Length; end++)
        {
            next[end] = double.PositiveInfinity;
            for (int start = stage; start < end; start++)
            {
                double cost = Math.Max(slowest[start], before[end] - before[start]);
                if (cost < next[end])
                {
                    (next[end], from[end]) = (cost, start);
                }
            }
        }

        return (next, from);
    }
}
