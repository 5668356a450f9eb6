namespace Lepton.Core;

/// <summary>A broken invariant: a defect in Lepton itself. The module that throws it stops.</summary>
public sealed class InvariantException(string message) : Exception(message);
