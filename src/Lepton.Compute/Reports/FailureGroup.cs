namespace Lepton.Compute.Reports;

/// <summary>Failed attempts with the same error.</summary>
internal sealed record FailureGroup(int Stage, string ErrorType, string ErrorMessage);
