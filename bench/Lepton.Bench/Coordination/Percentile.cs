namespace Lepton.Bench.Coordination;

/// <summary>Percentiles by nearest rank.</summary>
internal static class Percentile
{
    /// <summary>The value that this percentage of all values does not exceed.</summary>
    /// <param name="values">The values, which are sorted in place.</param>
    /// <param name="percent">Above 0, to 100.</param>
    public static double Of(List<double> values, double percent)
    {
        values.Sort();
        int rank = (int)Math.Ceiling(percent / 100 * values.Count);
        return values[Math.Max(rank, 1) - 1];
    }
}
