using System.Diagnostics;
using System.Globalization;
using Lepton.Simulation.World;

namespace Lepton.Simulation;

/// <summary>
/// Runs whole clusters, each from one seed. LEPTON_SIM_SEEDS says how many, LEPTON_SIM_FIRST with which seed to begin:
/// a
/// failure names its seed, and the same seed fails again in the same way.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private const int SeedsByDefault = 300;
    private const long FaultsUs = 10_000_000;

    [Fact]
    public void Run_ManySeeds_KeepsEveryPromiseAndServesAgain()
    {
        int seeds = Setting("LEPTON_SIM_SEEDS", SeedsByDefault);
        int first = Setting("LEPTON_SIM_FIRST", 1);
        List<string> failures = [];
        int answered = 0;
        int elections = 0;
        Stopwatch watch = Stopwatch.StartNew();
        Parallel.For(first, first + seeds, seed =>
        {
            SimulatedCluster cluster = new((ulong)seed);
            try
            {
                cluster.Run(FaultsUs);
            }
            catch (Exception fault)
            {
                lock (failures)
                {
                    failures.Add($"seed {seed}: {(fault is SafetyViolationException ? fault.Message : fault)}");
                }
            }

            Interlocked.Add(ref answered, cluster.Answered);
            Interlocked.Add(ref elections, cluster.Truth.Elections);
        });
        output.WriteLine($"{seeds} seeds from {first} on: {answered} operations answered, {elections} elections, " +
            $"{watch.Elapsed.TotalSeconds:F0} s.");
        Assert.True(failures.Count == 0,
            $"{failures.Count} of {seeds} seeds failed. Replay one with LEPTON_SIM_FIRST=SEED LEPTON_SIM_SEEDS=1.\n" +
            string.Join("\n", failures.Order(StringComparer.Ordinal).Take(10)));
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture,
            out int value)
            ? value
            : otherwise;
}
