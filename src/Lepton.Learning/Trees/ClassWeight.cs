namespace Lepton.Learning;

/// <summary>How much one class counts.</summary>
/// <param name="ClassName">The class.</param>
/// <param name="Weight">Above 0; each row of the class counts as so many rows.</param>
public sealed record ClassWeight(string ClassName, double Weight);
