namespace Lepton.Compute.Reports;

/// <summary>Where a lane stands on the drawing.</summary>
internal readonly record struct LanePlace(double Y, double Height, double RowHeight);
