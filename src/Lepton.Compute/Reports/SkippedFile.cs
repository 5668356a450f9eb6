namespace Lepton.Compute.Reports;

/// <summary>Rows of one file that were left out.</summary>
internal sealed record SkippedFile(string File, long Count, IReadOnlyList<string> Samples);
