using Lepton.Compute;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>Forests grown and judged on workers.</summary>
public sealed class DistributedForestTests(ThreadsFixture threads) : IClassFixture<ThreadsFixture>
{
    private static readonly LabeledTable Table = SyntheticTables.Make(5, rows: 90);
    private static readonly RandomForestClassifier Forest = new() { NEstimators = 30, Seed = 8 };
    private readonly LeptonSession _session = threads.Session;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(200)]
    public async Task FitAsync_AnyNumberOfTrees_GivesTheBytesOfFit(int trees)
    {
        RandomForestClassifier forest = Forest with { NEstimators = trees };
        RandomForestModel model = await forest.FitAsync(_session, Table);
        Assert.Equal(forest.Fit(Table).Sha256, model.Sha256);
    }

    [Fact]
    public async Task FitAsync_MoreWorkersThanTrees_GivesTheBytesOfFit()
    {
        RandomForestClassifier forest = Forest with { NEstimators = 2 };
        await using LeptonSession session = await ThreadsFixture.StartAsync(3, 0);
        Assert.Equal(forest.Fit(Table).Sha256, (await forest.FitAsync(session, Table)).Sha256);
    }

    [Fact]
    public async Task FitAsync_WorkerKilledOnTheWay_GivesTheBytesOfFit()
    {
        await using LeptonSession session = await ThreadsFixture.StartAsync(2, 0);
        string? killed = null;
        session.TaskFinished += report => killed ??= report is { StageTasks: 30, StageDone: >= 4 }
            ? session.KillWorkerFromHandler()
            : null;
        RandomForestModel model = await Forest.FitAsync(session, Table);
        Assert.Equal(Forest.Fit(Table).Sha256, model.Sha256);
        Assert.NotNull(killed);
        Assert.True(
            session.Statistics.RetryCount >= 1, "the killed worker had a task in hand, which must be tried again");
        Assert.All(
            session.Statistics.Retries, retry => Assert.Contains("killed by SIGKILL", retry, StringComparison.Ordinal));
    }

    [Fact]
    public void GrowOn_Cancelled_StopsGrowing()
    {
        using var source = new CancellationTokenSource();
        RowSplit[] folds = [.. new KFold { NSplits = 3 }.Split(90)];
        using IEnumerator<FoldTree> trees = DistributedForest.GrowOn(
            Forest, Table, folds, TreeBatch.Cut(Forest.NEstimators, fold: 1), source.Token).GetEnumerator();
        Assert.True(trees.MoveNext());
        source.Cancel();
        Assert.Throws<OperationCanceledException>(() => trees.MoveNext());
    }

    [Fact]
    public async Task FitAsync_SettingsThatCantWork_FailBeforeAnythingIsSent()
    {
        long before = _session.Statistics.Tasks;
        LearningOptionsException error = await Assert.ThrowsAsync<LearningOptionsException>(
            () => (Forest with { NEstimators = 0, MinSamplesLeaf = 0 }).FitAsync(_session, Table));
        Assert.Equal(2, error.Problems.Count);
        Assert.Equal(before, _session.Statistics.Tasks);
    }

    [Fact]
    public async Task FitAsync_OneClass_SaysSo()
    {
        LabeledTable one = SyntheticTables.Of([1, 2], [0, 0], "only");
        LearningDataException error =
            await Assert.ThrowsAsync<LearningDataException>(() => Forest.FitAsync(_session, one));
        Assert.Contains("have the class 'only'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FitAsync_Cancelled_Throws()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Forest.FitAsync(_session, Table, cancelled.Token));
    }

    [Fact]
    public async Task CrossValidateAsync_Folds_AgreeWithCrossValidationInOneThread()
    {
        IReadOnlyList<RowSplit> splits = new StratifiedKFold { Shuffle = true, Seed = 4 }.Split(Table);
        IReadOnlyList<ConfusionMatrix> there = await Forest.CrossValidateAsync(_session, Table, splits);
        Assert.Equal(
            CrossValidation.Evaluate(Forest, Table, splits).Select(matrix => matrix.ToString()),
            there.Select(matrix => matrix.ToString()));
    }

    [Fact]
    public async Task CrossValidateAsync_NoSplits_GivesNothing() =>
        Assert.Empty(await Forest.CrossValidateAsync(_session, Table, []));
}
