namespace Lepton.Simulation.Checking;

/// <summary>What one key answered.</summary>
/// <param name="Value">The value that was read; null for none, and for operations that read nothing.</param>
/// <param name="Done">Whether a delete found something, or a compare-and-set wrote.</param>
public sealed record RegisterOutput(string? Value, bool Done)
{
    public override string ToString() => $"{Value ?? "none"}{(Done ? ", done" : "")}";
}
