namespace Lepton.Training.Loop;

/// <summary>How a training ended.</summary>
/// <param name="Steps">Steps in all, those of earlier starts included.</param>
/// <param name="Loss">The last training loss that was logged; NaN where there was none.</param>
/// <param name="Metrics">The last validation's.</param>
/// <param name="SamplesPerSecond">All ranks together, since this start.</param>
/// <param name="End">Why it ended.</param>
public sealed record TrainingReport(
    long Steps, double Loss, IReadOnlyDictionary<string, double> Metrics, double SamplesPerSecond, TrainingEnd End);
