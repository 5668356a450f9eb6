namespace Lepton.Compute.Reports;

/// <summary>Attempts over time: each by itself while there are few, else how busy the workers were.</summary>
/// <param name="SpanMs">From the start of the session to its last event.</param>
/// <param name="Bars">Each attempt; null when there were too many.</param>
/// <param name="Grid">How busy workers were; nobody adds to it any more.</param>
internal sealed record Timeline(double SpanMs, IReadOnlyList<TaskBar>? Bars, TimelineGrid Grid);
