using Lepton.Core.Balancing;

namespace Lepton.Core.Tests.Balancing;

/// <summary>Candidates with ids 0, 1, 2, ..., whose outstanding counts the test keeps.</summary>
internal sealed class PolicySimulation(IBalancingPolicy policy, params int[] weights)
{
    public int[] Outstanding { get; } = new int[weights.Length];

    /// <summary>Chooses once and counts the work as outstanding.</summary>
    public int Next(params int[] absent)
    {
        int[] ids = [.. Enumerable.Range(0, weights.Length).Except(absent)];
        int chosen = policy.Choose(
            [.. ids.Select(id => new BalancingCandidate(id, weights[id], Outstanding[id]))]);
        if (chosen < 0)
        {
            return -1;
        }

        Outstanding[ids[chosen]]++;
        return ids[chosen];
    }

    public int[] Sequence(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];
}
