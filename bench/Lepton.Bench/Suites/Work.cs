namespace Lepton.Bench.Suites;

/// <summary>One row of the table: a piece of work that two sides do.</summary>
/// <param name="Name">The row's short name, for <c>--only</c>.</param>
/// <param name="Title">What is done and who the peer is.</param>
/// <param name="Unit">The unit of both sides' figures.</param>
/// <param name="Ours">Our side.</param>
internal sealed record Work(string Name, string Title, string Unit, Side Ours)
{
    /// <summary>
    /// The peer, in each way in which it may be run; the fastest counts. Empty where a limit takes its place.
    /// </summary>
    public IReadOnlyList<Side> Peers { get; init; } = [];

    /// <summary>Where there is no peer: what ours is held against.</summary>
    public double? Limit { get; init; }

    /// <summary>True for a rate, false for a time.</summary>
    public bool MoreIsBetter { get; init; }

    /// <summary>The ratio that must be reached; null where none is set.</summary>
    public double? AtLeast { get; init; }

    /// <summary>The ratio that is aimed at.</summary>
    public double? Aim { get; init; }

    /// <summary>Its rows: its own, and one for each other figure.</summary>
    public IEnumerable<string> RowNames => [Name, .. Also.Select(figure => $"{Name}-{figure.Name}")];

    /// <summary>Other figures that the same runs give.</summary>
    public IReadOnlyList<Figure> Also { get; init; } = [];

    /// <summary>Makes the file that both sides read. It is brought into the page cache before the first run.</summary>
    public Func<string>? Input { get; init; }

    /// <summary>Runs of each side; one with <c>--quick</c>.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Runs of ours before the first that counts.</summary>
    public int WarmUps { get; init; }
}
