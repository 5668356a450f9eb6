using Lepton.Bench.Sides;

namespace Lepton.Bench.Coordination;

/// <summary>Prints what a side under load has to report.</summary>
internal static class LoadReport
{
    /// <summary>The second figure of such a side.</summary>
    public const string P99 = "p99";

    /// <summary>Prints the rate, the 99th percentile, and what one request cost the servers.</summary>
    public static void Print(LoadResult result, TimeSpan processorTime, LoadOptions options) =>
        new SideReport(
            options.Seconds, result.PerSecond, "", Cost(processorTime, result.Requests))
        {
            Figures = new Dictionary<string, double> { [P99] = result.P99Milliseconds },
        }.Print();

    /// <summary>The servers' processor time an operation, in words.</summary>
    public static string Cost(TimeSpan processorTime, long operations) => FormattableString.Invariant(
        $"servers' processor time {processorTime.TotalMicroseconds / operations:0.#} µs each");
}
