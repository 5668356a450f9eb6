namespace Lepton.Training.Tests.ParameterServer;

/// <summary>Real servers, backups and workers, each a process.</summary>
public sealed class ParameterServerTests : TrainingTest
{
    [Theory]
    [InlineData(2, 1, false, "sgd")]
    [InlineData(3, 2, true, "adam")]
    [InlineData(2, 2, false, "adagrad")]
    public async Task Train_Synchronous_SameModelAsASingleProcess(
        int workers, int servers, bool hasBackups, string optimizer)
    {
        ParameterRun alone = await ParameterRun.AloneAsync(Sub("alone"), "--optimizer", optimizer);
        ParameterRun many = await ParameterRun.OfAsync(
            workers, servers, hasBackups, Sub("many"), "--optimizer", optimizer);

        Assert.True(alone.ExitCode == 0 && many.ExitCode == 0, alone.Text + many.Text);
        ParameterRun.AssertSameModel(Sub("alone"), Sub("many"));
    }

    [Theory]
    [InlineData("asynchronous")]
    [InlineData("staleness")]
    public async Task Train_WithoutRounds_ConvergesAsASingleProcessDoes(string mode)
    {
        ParameterRun alone = await ParameterRun.AloneAsync(Sub("alone"), "--optimizer", "adam", "--steps", "120");
        ParameterRun many = await ParameterRun.OfAsync(
            2, 2, false, Sub("many"), "--mode", mode, "--optimizer", "adam", "--steps", "120");

        Assert.True(alone.ExitCode == 0 && many.ExitCode == 0, alone.Text + many.Text);

        // Each worker's step is one of the optimizer, so there are twice as many, on half as many samples each.
        Assert.InRange(many.Loss, 0, alone.Loss + 0.1);
    }

    [Fact]
    public async Task Train_ModelsAreAveraged_ConvergesAsASingleProcessDoes()
    {
        ParameterRun alone = await ParameterRun.AloneAsync(Sub("alone"), "--steps", "120");
        ParameterRun many = await ParameterRun.OfAsync(
            2, 1, false, Sub("many"), "--optimizer", "plain", "--local", "4", "--steps", "120");

        Assert.True(alone.ExitCode == 0 && many.ExitCode == 0, alone.Text + many.Text);
        Assert.InRange(many.Loss, 0, alone.Loss + 0.1);
    }

    [Theory]
    [InlineData("synchronous")]
    [InlineData("staleness")]
    public async Task Train_WorkerIsKilled_OthersGoOn(string mode)
    {
        ParameterRun run = await ParameterRun.OfAsync(
            3, 2, false, TimeSpan.FromSeconds(20), Sub("run"), "--mode", mode, "--fault", "kill", "--steps", "60");

        Assert.True(run.ExitCode == 0, run.Text);
        Assert.Contains("worker 1 is gone: killed by SIGKILL", run.Text, StringComparison.Ordinal);

        // Of three classes, 1.1 is what guessing has.
        Assert.InRange(run.Loss, 0, 0.9);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("adam")]
    public async Task Train_ServersAreKilled_SameModelAsASingleProcess(string optimizer)
    {
        ParameterRun alone = await ParameterRun.AloneAsync(Sub("alone"), "--optimizer", optimizer);
        ParameterRun many = await ParameterRun.OfAsync(
            2, 2, true, Sub("many"), "--optimizer", optimizer, "--fault", "kill-server");

        Assert.True(alone.ExitCode == 0 && many.ExitCode == 0, alone.Text + many.Text);
        Assert.Contains("it starts again, with what its other copy knows", many.Text, StringComparison.Ordinal);
        ParameterRun.AssertSameModel(Sub("alone"), Sub("many"));
    }

    private string Sub(string name) => Path.Combine(Folder, name);
}
