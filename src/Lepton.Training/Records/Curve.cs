namespace Lepton.Training.Records;

/// <summary>How a metric went over the steps.</summary>
/// <param name="Metric">Its name; curves of one metric share a panel.</param>
/// <param name="Label">What the curve is called; empty where another of its colour says so.</param>
/// <param name="Color">The number of its colour.</param>
/// <param name="IsDashed">Whether it is drawn dashed.</param>
/// <param name="Points">One or more, by step.</param>
internal sealed record Curve(
    string Metric, string Label, int Color, bool IsDashed, IReadOnlyList<(long Step, double Value)> Points)
{
    /// <summary>A curve for each metric that the lines hold.</summary>
    public static IEnumerable<Curve> Of(IEnumerable<MetricLine> lines, string label, int color, bool isDashed) =>
        lines
            .SelectMany(static line => line.Values.Select(value => (line.Step, Name: value.Key, value.Value)))
            .GroupBy(static point => point.Name, StringComparer.Ordinal)
            .Select(metric => new Curve(
                metric.Key, label, color, isDashed, [.. metric.Select(static point => (point.Step, point.Value))]));
}
