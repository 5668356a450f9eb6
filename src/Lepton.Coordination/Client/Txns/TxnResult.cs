namespace Lepton.Coordination.Client;

/// <summary>What a transaction did.</summary>
/// <param name="Succeeded">Whether all conditions held, so that the first branch was carried out.</param>
/// <param name="Revision">The store's revision with its changes, which all have this one; where it changed nothing, the
/// store's when it was carried out.</param>
/// <param name="Outcomes">One for each step of the branch that was carried out, in order.</param>
public sealed record TxnResult(bool Succeeded, Revision Revision, IReadOnlyList<TxnOutcome> Outcomes);
