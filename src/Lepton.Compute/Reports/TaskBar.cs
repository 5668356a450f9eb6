using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>One attempt on the timeline.</summary>
/// <param name="Lane">Index of its lane.</param>
/// <param name="Row">Its row within the lane.</param>
/// <param name="StartMs">From the start of the session.</param>
/// <param name="EndMs">From the start of the session.</param>
/// <param name="Task">The attempt.</param>
internal sealed record TaskBar(int Lane, int Row, double StartMs, double EndMs, TaskFinished Task);
