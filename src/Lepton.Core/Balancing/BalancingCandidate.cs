namespace Lepton.Core.Balancing;

/// <summary>One of those that a balancing policy may choose.</summary>
/// <param name="Id">What tells it from the others, the same in every call while it lives.</param>
/// <param name="Weight">Its capacity relative to the others', such as its cores; 0 or less: don't choose it.</param>
/// <param name="Outstanding">What it was given and has not finished, 0 or more.</param>
public readonly record struct BalancingCandidate(long Id, int Weight, int Outstanding)
{
    /// <summary>Whether it may be chosen.</summary>
    internal bool IsEligible => Weight > 0;

    /// <summary>Whether one more piece of work would load this one less than the other, for its weight.</summary>
    internal bool IsFreerThan(BalancingCandidate other) => LoadAgainst(other) < 0;

    /// <summary>
    /// The sign of (outstanding + 1) / weight, this one's against the other's: the load that each would have with the
    /// work. Multiplied out, since a quotient would round.
    /// </summary>
    internal int LoadAgainst(BalancingCandidate other) =>
        ((Outstanding + 1L) * other.Weight).CompareTo((other.Outstanding + 1L) * Weight);
}
