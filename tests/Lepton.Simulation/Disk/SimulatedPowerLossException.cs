namespace Lepton.Simulation.Disk;

/// <summary>
/// The machine lost its power in the middle of a call; nobody catches this but the test, which crashes the disk.
/// </summary>
public sealed class SimulatedPowerLossException()
    : Exception("The power was lost before this call: a simulated fault.");
