using Lepton.Core.Randomness;

namespace Lepton.Compute.Tests.Faults;

public sealed class SeededKillsTests
{
    [Fact]
    [Trait("Category", "Slow")]
    public async Task MixedJob_TwentyTimesWithAKillAtARandomMoment_GivesTheSameResult()
    {
        await using Bench calm = await Bench.StartAsync(workers: 0, threads: 2);
        string expected = await MixedJob.RunAsync(calm.Session);
        await using Bench bench = await Bench.StartAsync(with: options => options with { WorkerKillsMax = 100 });
        int tasks = await CountTasksAsync(bench);
        var random = new SeededRandom(20);
        for (int round = 0; round < 20; round++)
        {
            IReadOnlyList<int> workers = await bench.ProcessesAsync();
            int victim = workers[random.NextInt32(workers.Count)];
            int moment = random.NextInt32(tasks);
            int done = 0;
            void KillAtTheMoment(TaskReport report)
            {
                if (done++ == moment)
                {
                    Signals.Send(victim, Signals.Kill);
                }
            }

            bench.Session.TaskFinished += KillAtTheMoment;
            string result = await MixedJob.RunAsync(bench.Session);
            bench.Session.TaskFinished -= KillAtTheMoment;

            Assert.Equal(expected, result);
            Assert.True(done > moment, $"round {round}: the moment {moment} of {tasks} did not come");
            await bench.ReplacedAsync(victim);
        }

        Assert.Equal(20, bench.Session.Statistics.WorkersLost);
    }

    private static async Task<int> CountTasksAsync(Bench bench)
    {
        int tasks = 0;
        void Count(TaskReport report) => tasks++;
        bench.Session.TaskFinished += Count;
        await MixedJob.RunAsync(bench.Session);
        bench.Session.TaskFinished -= Count;
        return tasks;
    }
}
