namespace Lepton.Bench.Running;

/// <summary>One run of one side.</summary>
/// <param name="Value">What the row compares.</param>
/// <param name="WallSeconds">From the start of the process to its end.</param>
/// <param name="PeakBytes">The peak of the sum of resident sizes over its processes.</param>
/// <param name="PeaksSumBytes">The sum of its processes' own peaks.</param>
/// <param name="CpuSeconds">Processor time of its processes.</param>
/// <param name="Check">The result in one line.</param>
/// <param name="Note">What the side said beside it.</param>
internal sealed record MeasuredRun(
    double Value, double WallSeconds, long PeakBytes, long PeaksSumBytes, double CpuSeconds, string Check, string Note)
{
    /// <summary>Other figures of the same run, by name.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>();
}
