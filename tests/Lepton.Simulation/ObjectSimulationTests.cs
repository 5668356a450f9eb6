using System.Diagnostics;
using Lepton.Simulation.Objects;
using Lepton.Simulation.World;

namespace Lepton.Simulation;

/// <summary>
/// Runs whole object stores, each from one seed: a failure names its seed, and the same seed fails again in the same
/// way.
/// </summary>
public sealed class ObjectSimulationTests(ITestOutputHelper output)
{
    private const int SeedsByDefault = 50;

    /// <summary>With fewer seeds than this, some fault may not have come up.</summary>
    private const int SeedsOfAllFaults = 300;

    /// <summary>What disks are struck with here.</summary>
    private static readonly Fault[] s_diskFaults =
    [
        Fault.UnsyncedWriteLost, Fault.UnsyncedWriteTorn, Fault.BitFlipped, Fault.WriteMisdirected, Fault.SyncFailed,
        Fault.DirectorySyncFailed, Fault.WriteFailed, Fault.ReadFailed, Fault.DiskFull,
    ];

    [Fact]
    public void Run_ManySeeds_LosesNothingAndReturnsToFullCopies()
    {
        (int first, int seeds) = SeedRange.ReadForObjects(SeedsByDefault);
        List<(int Seed, string Text)> failures = [];
        (FaultTally<ObjectFault> faults, FaultCounts diskFaults) = (new(), new());
        (long answered, long slowestUs, long cacheHits) = (0, 0, 0);
        Stopwatch watch = Stopwatch.StartNew();
        Parallel.For(first, first + seeds, seed =>
        {
            ObjectCluster cluster = new((ulong)seed) { Story = seeds == 1 ? [] : null };
            string? failure = Failure(cluster);
            lock (failures)
            {
                if (failure is not null)
                {
                    failures.Add((seed, failure));
                }

                if (cluster.Story is { } story)
                {
                    output.WriteLine(string.Join("\n", story));
                    output.WriteLine("");
                }

                faults.Add(cluster.Faults);
                diskFaults.Add(cluster.DiskFaults);
                answered += cluster.History.Answered;
                cacheHits += cluster.CacheHits;
                slowestUs = Math.Max(slowestUs, cluster.SettledAfterUs);
            }
        });
        output.WriteLine($"{seeds} seeds from {first} on: {answered} requests answered, all copies made and all " +
            $"garbage freed {slowestUs / 1_000_000} s after the last fault at the latest (simulated), " +
            $"{cacheHits} blocks read from caches, {watch.Elapsed.TotalSeconds:F0} s. {faults}. Disks: {diskFaults}.");
        Assert.True(failures.Count == 0,
            $"{failures.Count} of {seeds} seeds failed. Replay one, with its story, by " +
            "LEPTON_SIM_FIRST=SEED ./test.sh --sim 1\n" +
            string.Join("\n", failures.OrderBy(failure => failure.Seed).Take(10)
                .Select(failure => $"seed {failure.Seed}: {failure.Text}")));

        // A fault that is planned and never strikes tests nothing.
        string[] missing =
        [
            .. faults.Missing.Select(static fault => $"{fault}"),
            .. diskFaults.Missing.Intersect(s_diskFaults).Select(static fault => $"{fault}"),
        ];
        Assert.True(seeds < SeedsOfAllFaults || missing.Length == 0,
            $"In {seeds} seeds these faults never struck: {string.Join(", ", missing)}.");
    }

    [Fact]
    public void Cluster_SameSeed_IsTheSameRun()
    {
        Assert.Equal(Story(3), Story(3));
        Assert.NotEqual(Story(3), Story(4));
    }

    private static string Story(ulong seed)
    {
        ObjectCluster cluster = new(seed) { Story = [] };
        cluster.Run();
        return $"{cluster.Scenario} {cluster.Events.NowUs} {cluster.Metadata.Revision} {cluster.Faults} " +
            $"{cluster.DiskFaults}\n{string.Join("\n", cluster.Story)}";
    }

    private static string? Failure(ObjectCluster cluster)
    {
        try
        {
            cluster.Run();
            return null;
        }
        catch (SafetyViolationException fault)
        {
            return fault.Message;
        }
        catch (Exception fault)
        {
            return fault.ToString();
        }
    }
}
