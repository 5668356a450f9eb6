using Lepton.Compute;
using Lepton.Core.Randomness;
using Lepton.Learning.Tests.Golden;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>A worker is killed at a random moment, again and again.</summary>
public sealed class KilledWorkerTests
{
    private const int Runs = 50;
    private const int TreeTasks = 50;

    [Fact]
    [Trait("Category", "Slow")]
    public async Task FitAsync_WorkerKilledAtAnyMoment_FiftyRunsGiveFiftyIdenticalModels()
    {
        LabeledTable table = SampleTables.Read("iris");
        var forest = new RandomForestClassifier { Seed = 42 };
        string expected = forest.Fit(table).Sha256;
        var random = new SeededRandom(7);
        int runsWithRetry = 0;
        for (int run = 0; run < Runs; run++)
        {
            int moment = 1 + random.NextInt32(TreeTasks - 1);
            await using LeptonSession session = await ThreadsFixture.StartAsync(2, 0);
            string? killed = null;
            session.TaskFinished += report => killed ??= report.StageTasks == TreeTasks && report.StageDone == moment
                ? session.KillWorkerFromHandler()
                : null;
            RandomForestModel model = await forest.FitAsync(session, table);
            Assert.True(expected == model.Sha256, $"run {run}, {killed} killed after {moment} tasks: another model");
            Assert.True(killed is not null, $"run {run}: nobody was killed after {moment} of {TreeTasks} tasks");
            runsWithRetry += session.Statistics.RetryCount >= 1 ? 1 : 0;
        }

        // Near the end of a run the killed worker may have had nothing left to lose.
        Assert.True(runsWithRetry >= Runs / 2, $"only {runsWithRetry} of {Runs} kills had a task tried again");
    }
}
