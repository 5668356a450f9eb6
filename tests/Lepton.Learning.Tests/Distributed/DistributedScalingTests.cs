using Lepton.Compute;
using Lepton.Compute.Datasets;

namespace Lepton.Learning.Tests.Distributed;

/// <summary>The scaler as a distributed aggregate.</summary>
public sealed class DistributedScalingTests(ThreadsFixture threads) : IClassFixture<ThreadsFixture>
{
    private static readonly LabeledTable Table = SyntheticTables.Make(3, rows: 500, features: 4);
    private readonly LeptonSession _session = threads.Session;

    [Fact]
    public async Task FitAsync_Matrix_AgreesWithFitInOneThread()
    {
        StandardScalerModel here = new StandardScaler().Fit(Table.Features);
        StandardScalerModel there = await new StandardScaler().FitAsync(_session, Table.Features);
        Assert.Equal(here.FeatureNames, there.FeatureNames);
        for (int i = 0; i < here.Mean.Count; i++)
        {
            Assert.Equal(here.Mean[i], there.Mean[i], 1e-12);
            Assert.Equal(here.Scale[i], there.Scale[i], 1e-12);
        }
    }

    [Fact]
    public async Task FitAsync_OtherNumbersOfThreads_GivesTheSameBits()
    {
        string two = (await new StandardScaler().FitAsync(_session, Table.Features)).Sha256;
        foreach (int count in (int[])[1, 5])
        {
            await using LeptonSession session = await ThreadsFixture.StartAsync(0, count);
            Assert.Equal(two, (await new StandardScaler().FitAsync(session, Table.Features)).Sha256);
        }
    }

    [Fact]
    public async Task FitAsync_ManyPartitions_MergesThemByATree()
    {
        double[][] rows = [.. Enumerable.Range(0, 300).Select(i => new double[] { i, -i })];
        StandardScalerModel model = await new StandardScaler().FitAsync(_session.From(rows, 40), ["up", "down"]);
        Assert.Equal(149.5, model.Mean[0], 1e-12);
        Assert.Equal(-149.5, model.Mean[1], 1e-12);
        Assert.Equal(Math.Sqrt(((300.0 * 300) - 1) / 12), model.Scale[0], 1e-9);
    }

    [Fact]
    public async Task FitAsync_NoRows_SaysSo()
    {
        LearningDataException error = await Assert.ThrowsAsync<LearningDataException>(
            () => new StandardScaler().FitAsync(_session.From(Array.Empty<double[]>()), ["x"]));
        Assert.StartsWith("No row was seen, and fitting a StandardScaler needs at least one.", error.Message,
            StringComparison.Ordinal);
        error = await Assert.ThrowsAsync<LearningDataException>(
            () => new StandardScaler().FitAsync(_session, new FeatureMatrix([], ["x"])));
        Assert.StartsWith("The table has no rows", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FitAsync_NoNames_SaysSo()
    {
        LearningDataException error = await Assert.ThrowsAsync<LearningDataException>(
            () => new StandardScaler().FitAsync(_session.From([new double[] { 1 }]), []));
        Assert.Contains("Name at least one", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FitAsync_RowOfAnotherLength_SaysSoAndTellsTheTask()
    {
        LearningDataException error = await Assert.ThrowsAsync<LearningDataException>(
            () => new StandardScaler()
                .FitAsync(_session.From([new double[] { 1, 2 }, new double[] { 1 }]), ["x", "y"]));
        Assert.StartsWith(
            "A row of 1 values can't be added to moments of 2 columns.", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, TaskFailure.Of(error)?.Partition);
    }
}
