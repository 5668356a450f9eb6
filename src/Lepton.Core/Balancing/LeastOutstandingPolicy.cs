namespace Lepton.Core.Balancing;

/// <summary>
/// The one whose load would be least with the work: (outstanding + 1) / weight. Ties go in turn, by id. With equal
/// weights the outstanding counts of those chosen differ by at most one while nothing finishes. Thread safe, without
/// locks; callers that choose at the same moment from the same counts may choose the same one where there is no tie.
/// </summary>
public sealed class LeastOutstandingPolicy : IBalancingPolicy
{
    private long _lastId = long.MinValue;

    /// <inheritdoc/>
    public int Choose(ReadOnlySpan<BalancingCandidate> candidates)
    {
        while (true)
        {
            long last = Interlocked.Read(ref _lastId);
            int best = -1;
            for (int i = 0; i < candidates.Length; i++)
            {
                if (candidates[i].IsEligible && (best < 0 || IsBetter(candidates[i], candidates[best], last)))
                {
                    best = i;
                }
            }

            if (best < 0 || Interlocked.CompareExchange(ref _lastId, candidates[best].Id, last) == last)
            {
                return best;
            }
        }
    }

    private static bool IsBetter(BalancingCandidate candidate, BalancingCandidate best, long last)
    {
        int load = candidate.LoadAgainst(best);
        return load < 0 || (load == 0 && Rotation.ComesBefore(candidate.Id, best.Id, last));
    }
}
