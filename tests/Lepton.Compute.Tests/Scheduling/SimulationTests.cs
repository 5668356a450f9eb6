namespace Lepton.Compute.Tests.Scheduling;

/// <summary>Thousands of sessions in virtual time, in which workers die, lose, fail and answer late.</summary>
public sealed class SimulationTests
{
    private const int SeedCount = 2000;
    private const int LinesShown = 60;

    [Fact]
    public void Run_ManySeeds_EveryJobEndsAsItShould()
    {
        string[] expected =
        [
            "Assign", "Cancel", "Fail", "KillWorker", "Retry", "Revoke", "Twin", "cancelled", "death", "done", "failed",
            "fetch failure", "silence",
        ];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (ulong seed = 0; seed < SeedCount; seed++)
        {
            try
            {
                var cluster = new SimulatedCluster(seed);
                cluster.Run();
                foreach ((string what, int count) in cluster.Tally)
                {
                    seen[what] = seen.GetValueOrDefault(what) + count;
                }
            }
            catch (Exception e)
            {
                Assert.Fail($"Seed {seed}: {e.Message}\n{TailOf(seed)}\n{e.StackTrace}");
            }
        }

        Assert.All(expected, what =>
            Assert.True(seen.GetValueOrDefault(what) >= SeedCount / 100, $"{what} was hardly tried"));
    }

    [Fact]
    public void Run_SameSeed_GivesTheSameTranscript()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            Assert.Equal(TranscriptOf(seed), TranscriptOf(seed));
        }
    }

    private static string TailOf(ulong seed) => string.Join('\n', TranscriptOf(seed).TakeLast(LinesShown));

    private static List<string> TranscriptOf(ulong seed)
    {
        var cluster = new SimulatedCluster(seed, isRecording: true);
        try
        {
            cluster.Run();
        }
        catch (InvalidOperationException e)
        {
            cluster.Transcript.Add(e.Message);
        }

        return cluster.Transcript;
    }
}
