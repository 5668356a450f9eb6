namespace Lepton.Core.Balancing;

/// <summary>
/// Turns in proportion to the weights, spread as evenly as they go: weights 5, 1, 1 give a, a, b, a, c, a, a. nginx's
/// algorithm: each choice adds every candidate's weight to its credit, the highest credit wins (the lower id on a
/// tie) and pays the sum of the weights. Outstanding work plays no part. One who is left out of a call keeps its
/// credit. Thread safe, by a lock.
/// </summary>
public sealed class SmoothWeightedRoundRobinPolicy : IBalancingPolicy
{
    private const int ForgottenMax = 64;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, long> _credits = [];

    /// <summary>How many candidates are remembered, for the test that this stays bounded.</summary>
    internal int RememberedCount => _credits.Count;

    /// <inheritdoc/>
    public int Choose(ReadOnlySpan<BalancingCandidate> candidates)
    {
        lock (_lock)
        {
            int best = -1;
            long bestCredit = 0;
            long paid = 0;
            for (int i = 0; i < candidates.Length; i++)
            {
                BalancingCandidate candidate = candidates[i];
                if (!candidate.IsEligible)
                {
                    continue;
                }

                long credit = _credits.GetValueOrDefault(candidate.Id) + candidate.Weight;
                _credits[candidate.Id] = credit;
                paid += candidate.Weight;
                if (best < 0 || credit > bestCredit || (credit == bestCredit && candidate.Id < candidates[best].Id))
                {
                    best = i;
                    bestCredit = credit;
                }
            }

            if (best >= 0)
            {
                _credits[candidates[best].Id] = bestCredit - paid;
                Forget(candidates);
            }

            return best;
        }
    }

    /// <summary>
    /// Drops those who are not here any more once they are many, so that memory follows the candidates.
    /// </summary>
    private void Forget(ReadOnlySpan<BalancingCandidate> candidates)
    {
        if (_credits.Count <= (2 * candidates.Length) + ForgottenMax)
        {
            return;
        }

        HashSet<long> present = new(candidates.Length);
        foreach (BalancingCandidate candidate in candidates)
        {
            present.Add(candidate.Id);
        }

        foreach (long id in _credits.Keys)
        {
            if (!present.Contains(id))
            {
                _credits.Remove(id);
            }
        }
    }
}
