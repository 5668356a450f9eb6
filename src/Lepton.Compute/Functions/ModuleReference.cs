namespace Lepton.Compute.Functions;

/// <summary>An assembly of the program that a graph refers to.</summary>
/// <param name="SimpleName">Its name without version.</param>
/// <param name="ModuleVersionId">The id that the compiler gave to this very build.</param>
/// <param name="Location">Its file on the driver.</param>
internal sealed record ModuleReference(string SimpleName, Guid ModuleVersionId, string Location);
