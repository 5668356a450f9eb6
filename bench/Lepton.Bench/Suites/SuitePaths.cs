namespace Lepton.Bench.Suites;

/// <summary>Where things lie.</summary>
/// <param name="Repository">The repository's root.</param>
internal sealed record SuitePaths(string Repository)
{
    /// <summary>Input files, kept from run to run.</summary>
    public string Data => Path.Combine(Repository, "artifacts", "bench", "data");

    /// <summary>What a run writes; emptied after each.</summary>
    public string Work => Path.Combine(Repository, "artifacts", "bench", "work");

    /// <summary>Committed results.</summary>
    public string Results => Path.Combine(Repository, "bench", "results");
}
