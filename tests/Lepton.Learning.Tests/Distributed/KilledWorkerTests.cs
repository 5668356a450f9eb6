using System.Diagnostics;
using Lepton.Compute;
using Lepton.Core.Randomness;
using Lepton.Learning.Tests.Golden;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>A worker is killed at a random moment, again and again.</summary>
public sealed class KilledWorkerTests
{
    private const int Runs = 50;
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
        double jobMs = await CalmMsAsync(session, table);
        int inTime = 0;
        for (int run = 0; run < Runs; run++)
        {
            double momentMs = random.NextDouble() * jobMs;
            IReadOnlyList<WorkerInfo> workers = await session.WorkersAsync();
            WorkerInfo victim = workers[random.NextInt32(workers.Count)];
            long started = Stopwatch.GetTimestamp();
            Task<string> learning = LearnAsync(session, table);
            await Task.Delay(
                TimeSpan.FromMilliseconds(momentMs), TimeProvider.System, TestContext.Current.CancellationToken);
            Kill(victim);
            inTime += learning.IsCompleted ? 0 : 1;

            string model = await learning;

            Assert.True(
                expected == model, $"run {run}, {victim.Name} killed after {momentMs:0} ms: another model");
            await ReplacedAsync(session, victim);

            // A run that waits for a worker to be replaced, or for one that has just begun, takes longer.
            jobMs = (0.7 * jobMs) + (0.3 * Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        Assert.Equal(Runs, session.Statistics.WorkersLost);
        Assert.True(inTime >= Runs / 2, $"only {inTime} of {Runs} kills came before the job's end");
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

    private static async Task<double> CalmMsAsync(LeptonSession session, LabeledTable table)
    {
        await LearnAsync(session, table);
        long started = Stopwatch.GetTimestamp();
        await LearnAsync(session, table);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
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
