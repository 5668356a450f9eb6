namespace Lepton.Compute.Outputs;

/// <summary>A file that a task wrote under its temporary name.</summary>
internal sealed record PartFile(string Name, long Rows);
