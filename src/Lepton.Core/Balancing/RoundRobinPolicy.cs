namespace Lepton.Core.Balancing;

/// <summary>
/// Each in turn, in the order of ids, whatever its weight and load: over any calls with the same candidates the
/// counts differ by at most one. Thread safe, without locks.
/// </summary>
public sealed class RoundRobinPolicy : IBalancingPolicy
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
                if (candidates[i].IsEligible
                    && (best < 0 || Rotation.ComesBefore(candidates[i].Id, candidates[best].Id, last)))
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
}
