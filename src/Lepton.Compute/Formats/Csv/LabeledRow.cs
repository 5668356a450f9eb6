namespace Lepton.Compute.Formats;

/// <summary>A row of numbers with the name of its class.</summary>
/// <param name="Numbers">The number columns, in the order in which they were asked for; all finite.</param>
/// <param name="Label">The class, as it stands in the file; not empty.</param>
public sealed record LabeledRow(double[] Numbers, string Label);
