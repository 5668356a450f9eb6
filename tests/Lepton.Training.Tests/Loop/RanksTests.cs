namespace Lepton.Training.Tests.Loop;

/// <summary>Real ranks, each a process, on a small part of MNIST.</summary>
public sealed class RanksTests : TrainingTest
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    public async Task Fit_ManyRanks_SameCurveAsOne(int ranks, int accumulate)
    {
        RankRun alone = await RankRun.OfAsync(1, 0, "--run", Sub("alone"));
        RankRun many = await RankRun.OfAsync(ranks, 0, "--run", Sub("many"), "--accumulate", $"{accumulate}");

        Assert.True(alone.ExitCode == 0 && many.ExitCode == 0, alone.Text + many.Text);
        RankRun.AssertSame(RankRun.LossesOf(Sub("alone")), RankRun.LossesOf(Sub("many")));
        Assert.Equal(64, RankRun.LossesOf(Sub("many")).Count);
        Assert.Equal(alone.Accuracy, many.Accuracy, 0.02);
        Assert.Contains(
            "<polyline", File.ReadAllText(Path.Combine(Sub("many"), "curves.svg")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_RankIsKilled_StartsAgainAndTheCurveGoesOn()
    {
        RankRun whole = await RankRun.OfAsync(2, 0, "--run", Sub("whole"));
        RankRun cut = await RankRun.OfAsync(2, 1, "--run", Sub("cut"), "--fault", "kill", "--fault-step", "23");

        Assert.True(whole.ExitCode == 0 && cut.ExitCode == 0, whole.Text + cut.Text);
        Assert.Contains("killed by SIGKILL", cut.Text, StringComparison.Ordinal);
        Assert.Contains("root cause: rank 1 on ", cut.Text, StringComparison.Ordinal);
        Assert.Contains("going on from", cut.Text, StringComparison.Ordinal);
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Fact]
    public async Task Fit_SavedAtFourRanks_GoesOnAtTwoAndThree()
    {
        RankRun whole = await RankRun.OfAsync(1, 0, "--run", Sub("whole"), "--epochs", "3");
        RankRun four = await RankRun.OfAsync(4, 0, "--run", Sub("cut"), "--epochs", "1");
        RankRun two = await RankRun.OfAsync(2, 0, "--run", Sub("cut"), "--epochs", "2");
        RankRun three = await RankRun.OfAsync(3, 0, "--run", Sub("cut"), "--epochs", "3");

        Assert.All([whole, four, two, three], static run => Assert.True(run.ExitCode == 0, run.Text));
        RankRun.AssertSame(RankRun.LossesOf(Sub("whole")), RankRun.LossesOf(Sub("cut")));
    }

    [Fact]
    public async Task Fit_RankThrows_ItsStackIsTheRootCause()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--fault", "throw");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "InvalidOperationException: this rank was told to fail", RootCause(run), StringComparison.Ordinal);
        Assert.Contains("rank 1 on", RootCause(run), StringComparison.Ordinal);
        Assert.Contains("lepton:   at Program", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_OtherCollective_BothSidesAreNamed()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--fault", "mismatch");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("ranks do different things", run.Text, StringComparison.Ordinal);
        Assert.Contains("all_reduce #", run.Text, StringComparison.Ordinal);
        Assert.Contains("float32[3, 5]", run.Text, StringComparison.Ordinal);
        Assert.Contains("backward #", run.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_FrozenRank_IsNamed()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--fault", "freeze");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("rank 1 on", RootCause(run), StringComparison.Ordinal);
        Assert.Contains("is silent for", RootCause(run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_NotANumber_NamesTheStepAndKeepsTheBatchAndTheCheckpoint()
    {
        RankRun run = await RankRun.OfAsync(2, 0, "--run", Sub("run"), "--fault", "nan", "--fault-step", "12");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains(
            "The loss is NaN at step 12 (epoch 0, batch 11, rank 1", RootCause(run), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Sub("run"), "bad-batch-step-12-rank-1.safetensors")));
        RankRun again = await RankRun.OfAsync(2, 0, "--run", Sub("run"));
        Assert.True(again.ExitCode == 0, again.Text);
        Assert.Contains("step-000000010", again.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fit_CheckpointOfAnotherModel_SaysSo()
    {
        RankRun first = await RankRun.OfAsync(1, 0, "--run", Sub("run"), "--epochs", "1");
        RankRun other = await RankRun.OfAsync(1, 0, "--run", Sub("run"), "--hidden", "16");

        Assert.True(first.ExitCode == 0, first.Text);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("is of another model or optimizer", RootCause(other), StringComparison.Ordinal);
        Assert.Contains(
            "0.weight: the model has float32[16, 784], the state float32[32, 784]",
            other.Text, StringComparison.Ordinal);
    }

    private static string RootCause(RankRun run) =>
        run.Lines.LastOrDefault(static line => line.Contains("root cause:", StringComparison.Ordinal)) ?? run.Text;

    private string Sub(string name) => Path.Combine(Folder, name);
}
