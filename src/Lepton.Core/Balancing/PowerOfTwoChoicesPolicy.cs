using Lepton.Core.Randomness;

namespace Lepton.Core.Balancing;

/// <summary>
/// Draws two different candidates at random, in proportion to their weights, and takes the one whose (outstanding +
/// 1) / weight is less. Nearly as even as the least outstanding (Mitzenmacher 2001), yet many callers with the same
/// stale counts don't all choose the same one. Thread safe, by a lock; the draws depend on the seed and on the calls.
/// </summary>
/// <param name="seed">Seeds the draws.</param>
public sealed class PowerOfTwoChoicesPolicy(ulong seed) : IBalancingPolicy
{
    private readonly Lock _lock = new();
    private readonly SeededRandom _random = new(seed);

    /// <inheritdoc/>
    public int Choose(ReadOnlySpan<BalancingCandidate> candidates)
    {
        long total = 0;
        foreach (BalancingCandidate candidate in candidates)
        {
            total += Math.Max(candidate.Weight, 0);
        }

        if (total == 0)
        {
            return -1;
        }

        lock (_lock)
        {
            int first = Draw(candidates, total, excluded: -1);
            long rest = total - candidates[first].Weight;
            if (rest == 0)
            {
                return first;
            }

            int second = Draw(candidates, rest, excluded: first);
            return candidates[second].IsFreerThan(candidates[first]) ? second : first;
        }
    }

    private int Draw(ReadOnlySpan<BalancingCandidate> candidates, long total, int excluded)
    {
        long left = _random.NextInt64(total);
        for (int i = 0; i < candidates.Length; i++)
        {
            if (i == excluded || !candidates[i].IsEligible)
            {
                continue;
            }

            left -= candidates[i].Weight;
            if (left < 0)
            {
                return i;
            }
        }

        throw new InvariantException("The weights of a balancing call add up to less than their sum.");
    }
}
