namespace Lepton.Bench.Suites;

/// <summary>A second figure of a piece of work, which gets a row of its own.</summary>
/// <param name="Name">Its name in the side's report, and behind a hyphen in the row's.</param>
/// <param name="Title">What it is.</param>
/// <param name="Unit">Its unit.</param>
internal sealed record Figure(string Name, string Title, string Unit)
{
    /// <summary>The ratio that must be reached; null where none is set.</summary>
    public double? AtLeast { get; init; }

    /// <summary>The ratio that is aimed at.</summary>
    public double? Aim { get; init; }

    /// <summary>True where the largest of all rounds counts, not their median.</summary>
    public bool IsWorst { get; init; }
}
