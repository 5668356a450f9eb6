namespace Lepton.Simulation.World;

/// <summary>How often each fault of a coordination cluster, and of a disk, struck.</summary>
internal sealed class FaultCounts : FaultTally<Fault>;
