using System.Diagnostics;
using Lepton.Compute;
using Lepton.Core.Randomness;
using Lepton.Learning.Tests.Golden;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>A worker is killed at a random moment, again and again.</summary>
public sealed class KilledWorkerTests
{
    private const int Runs = 50;
    private const int RunsMax = 500;
    private const double FirstGuessMs = 200;
    private static readonly TimeSpan s_replacedWithin = TimeSpan.FromSeconds(120);

    /// <summary>
    /// From outside and by the clock, so that the kill may fall anywhere: while a task runs, a message is on its way, a
    /// program is decoded, a file is written, or between two jobs.
    /// </summary>
    [Fact]
    [Trait("Category", "Slow")]
    public async Task Job_WorkerKilledAtAnyMillisecond_FiftyRunsGiveFiftyIdenticalModels()
    {
        LabeledTable table = SampleTables.Read("iris");
        string expected = await LearnedByThreadsAsync(table);
        await using LeptonSession session = await ThreadsFixture.StartAsync(2, 0);
        var random = new SeededRandom(7);
        await LearnAsync(session, table);
        double jobMs = FirstGuessMs;
        int kills = 0;
        bool wasFresh = false;
        for (int run = 0; kills < Runs; run++)
        {
            Assert.True(run < RunsMax, $"only {kills} of {run} kills came before the job's end");
            double momentMs = random.NextDouble() * jobMs;
            IReadOnlyList<WorkerInfo> workers = await session.WorkersAsync();
            WorkerInfo victim = workers[random.NextInt32(workers.Count)];
            if (wasFresh)
            {
                // Three in a row that end before they did anything would not be replaced any more.
                victim = workers.MaxBy(worker => worker.Finished)!;
            }

            long started = Stopwatch.GetTimestamp();
            Task<string> learning = LearnAsync(session, table);
            using (var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Max(1, momentMs))))
            {
                await clock.WaitForNextTickAsync(TestContext.Current.CancellationToken);
            }

            if (learning.IsCompleted)
            {
                // It was faster than the last one; the next moment falls within its time.
                jobMs = Math.Min(jobMs, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                Assert.Equal(expected, await learning);
                continue;
            }

            kills++;
            wasFresh = victim.Finished == 0;
            Kill(victim);
            string model = await learning;
            Assert.True(
                expected == model, $"run {run}, {victim.Name} killed after {momentMs:0} ms: another model");
            jobMs = Math.Max(jobMs, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await ReplacedAsync(session, victim);
        }

        Assert.Equal(Runs, session.Statistics.WorkersLost);
    }

    private static async Task<string> LearnedByThreadsAsync(LabeledTable table)
    {
        await using LeptonSession session = await ThreadsFixture.StartAsync(0, 2);
        return await LearnAsync(session, table);
    }

    // Two jobs: the scaler's, and the forest's with its map and its reduce.
    private static async Task<string> LearnAsync(LeptonSession session, LabeledTable table)
    {
        StandardScalerModel scaler = await new StandardScaler().FitAsync(session, table.Features);
        RandomForestModel model = await new RandomForestClassifier { Seed = 42 }
            .FitAsync(session, scaler.Transform(table));
        return model.Sha256;
    }

    private static void Kill(WorkerInfo worker)
    {
        using Process process = Process.GetProcessById(worker.ProcessId);
        process.Kill();
    }

    private static async Task ReplacedAsync(LeptonSession session, WorkerInfo victim)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        long started = Stopwatch.GetTimestamp();
        IReadOnlyList<WorkerInfo> workers = await session.WorkersAsync();
        while (workers.Count < 2 || workers.Any(worker => worker.Name == victim.Name))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < s_replacedWithin, $"{victim.Name} was not replaced");
            await clock.WaitForNextTickAsync();
            workers = await session.WorkersAsync();
        }
    }
}
