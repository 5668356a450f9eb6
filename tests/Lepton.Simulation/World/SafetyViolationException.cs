namespace Lepton.Simulation.World;

/// <summary>Something happened that must never happen.</summary>
public sealed class SafetyViolationException(string message) : Exception(message);
