namespace Lepton.Simulation.Checking;

/// <summary>What became of a check.</summary>
public enum Verdict
{
    /// <summary>There is an order of the operations that explains every answer.</summary>
    Linearizable,

    /// <summary>There is none.</summary>
    Violation,

    /// <summary>The search was given up; nothing is known. Never to be taken for a success.</summary>
    Undecided,
}
