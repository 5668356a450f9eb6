namespace Lepton.Learning;

/// <summary>How well one class was told from the others. A share of nothing is 0.</summary>
/// <param name="ClassName">The class.</param>
/// <param name="Support">Rows that are of the class.</param>
/// <param name="Precision">The part of the rows predicted to be of the class that are, 0 to 1.</param>
/// <param name="Recall">The part of the class's rows that were predicted to be, 0 to 1.</param>
/// <param name="F1">The harmonic mean of both, 0 to 1.</param>
public sealed record ClassMetrics(string ClassName, int Support, double Precision, double Recall, double F1);
