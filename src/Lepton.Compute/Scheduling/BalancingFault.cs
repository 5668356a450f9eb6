namespace Lepton.Compute.Scheduling;

/// <summary>What a balancing policy did wrong.</summary>
/// <param name="Text">Which policy, what it did, what was expected and what to do.</param>
/// <param name="Thrown">What it threw; null where it returned.</param>
internal sealed record BalancingFault(string Text, Exception? Thrown)
{
    private const string Advice =
        "Mend the policy, or leave LeptonSessionOptions.Balancing at its default, and start another session.";

    public static BalancingFault OutOfRange(Type policy, int returned, int candidates) =>
        new(
            $"The balancing policy {policy.FullName} returned {returned} for {Workers(candidates)}, expected an " +
            $"index from 0 to {candidates - 1}: each of them has a weight above 0. {Advice}",
            null);

    public static BalancingFault Threw(Type policy, int candidates, Exception thrown) =>
        new(
            $"The balancing policy {policy.FullName} threw {thrown.GetType().Name} for {Workers(candidates)}, " +
            $"expected an index from 0 to {candidates - 1}: {thrown.Message} {Advice}",
            thrown);

    private static string Workers(int candidates) => candidates == 1 ? "1 worker" : $"{candidates} workers";
}
