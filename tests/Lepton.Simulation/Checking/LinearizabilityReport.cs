namespace Lepton.Simulation.Checking;

/// <summary>The outcome of a check with what a reader needs to see why.</summary>
/// <param name="Verdict">The outcome.</param>
/// <param name="Explanation">Where the longest explanation of the history ends, operation by operation; empty where all
/// is explained.</param>
public sealed record LinearizabilityReport(Verdict Verdict, string Explanation);
