namespace Lepton.Compute;

/// <summary>
/// Marks a parameter of a method of yours as a function that is sent to workers, so that Lepton's analyzers check the
/// lambdas given to it as they check those given to data sets. With false, it exempts a parameter.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class RunsOnWorkersAttribute(bool runs = true) : Attribute
{
    /// <summary>Whether the function runs on workers.</summary>
    public bool Runs { get; } = runs;
}
