using Lepton.Bench.Running;

namespace Lepton.Bench.Suites;

/// <summary>One of the two that are compared.</summary>
/// <param name="Command">What is run.</param>
internal sealed record Side(Command Command)
{
    /// <summary>What tells this way from the peer's others; null where there is one way only.</summary>
    public string? Way { get; init; }

    /// <summary>The command that installs it where it is missing; null where it is there.</summary>
    public string? Missing { get; init; }

    /// <summary>
    /// Reads what is compared from the run; null for a side that prints a <see cref="Sides.SideReport"/>.
    /// </summary>
    public Func<ProcessRun, double>? Read { get; init; }

    /// <summary>Looks at what the run left behind, and gives the result in one line. Not part of the time.</summary>
    public Func<string>? Check { get; init; }
}
