using Lepton.Core.Randomness;

namespace Lepton.Simulation.World;

/// <summary>What one seed is a run of.</summary>
/// <param name="Voters">How many nodes vote at first.</param>
/// <param name="Spares">How many more there are, which may be added.</param>
/// <param name="Clients">How many clients read and write.</param>
/// <param name="Watches">How many watch.</param>
/// <param name="FaultsUs">For how long faults strike.</param>
/// <param name="LeaseReads">
/// Whether leaders answer reads by their lease. That is safe only while clocks run about alike: such a seed has neither
/// jumps nor pauses, and clocks that differ by less than the lease is cut.
/// </param>
/// <param name="Upgrades">Whether nodes are replaced by a version that reads a newer format of commands.</param>
internal sealed record Scenario(
    int Voters, int Spares, int Clients, int Watches, long FaultsUs, bool LeaseReads, bool Upgrades)
{
    /// <summary>Small and short ones are drawn more often: most of what goes wrong needs little.</summary>
    public static Scenario Draw(SeededRandom random)
    {
        int voters = random.NextInt32(20) switch
        {
            < 2 => 1,
            < 3 => 2,
            < 13 => 3,
            < 14 => 4,
            < 19 => 5,
            _ => 7,
        };
        long faultsUs = random.NextInt32(40) == 0 ? 40_000_000 : 2_000_000 + random.NextInt32(9_000_000);
        return new Scenario(
            voters, 1 + random.NextInt32(2), 2 + random.NextInt32(3), 1 + random.NextInt32(3), faultsUs,
            LeaseReads: random.NextInt32(4) == 0, Upgrades: random.NextInt32(3) == 0);
    }
}
