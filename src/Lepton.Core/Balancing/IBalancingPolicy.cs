namespace Lepton.Core.Balancing;

/// <summary>
/// Chooses who gets the next piece of work. Candidates may come, go and change their order between calls; what a
/// policy remembers, it remembers by <see cref="BalancingCandidate.Id"/>. All policies of this namespace are thread
/// safe.
/// </summary>
public interface IBalancingPolicy
{
    /// <summary>
    /// The index in <paramref name="candidates"/> of the one chosen, or -1 where none has a weight above 0.
    /// O(candidates). The caller counts the work as outstanding; ids must differ.
    /// </summary>
    int Choose(ReadOnlySpan<BalancingCandidate> candidates);
}
