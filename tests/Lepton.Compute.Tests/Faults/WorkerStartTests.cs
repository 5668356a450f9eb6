using Lepton.Compute.Tests.Datasets;

namespace Lepton.Compute.Tests.Faults;

/// <summary>Workers that can't be started: jobs fail at once and say why, instead of waiting for them.</summary>
public sealed class WorkerStartTests
{
    [Fact]
    public async Task Trap75_WorkersEndBeforeTheyAttach_SessionFailsWithWhatTheySaid()
    {
        await using Driver driver = Driver.Start("start-without-workers");

        (int code, string output) = await driver.EndAsync();

        Assert.Equal(3, code);
        Assert.StartsWith("NoWorkers: The workers did not start. Worker w", output, StringComparison.Ordinal);
        Assert.Contains("/nowhere/no-such-hook.dll", output, StringComparison.Ordinal);
        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task Trap75_NoReplacementCanBeStarted_JobsFailNowAndLater()
    {
        await using Driver driver = Driver.Start("lose-all-workers");

        (int code, string output) = await driver.EndAsync();

        Assert.Equal(3, code);
        Assert.StartsWith("first NoWorkers\nNoWorkers: 3 workers in a row ended", output, StringComparison.Ordinal);
        Assert.Contains("no-such-hook.dll", output, StringComparison.Ordinal);
        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task NoReplacementCanBeStarted_WhileAnotherWorkerLives_JobsGoOnThere()
    {
        await using Driver driver = Driver.Start("lose-one-of-two");

        (int code, string output) = await driver.EndAsync();

        Assert.Equal((0, "counted 2\n"), (code, output));
        Assert.Empty(driver.Left());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("{ not json")]
    public async Task RuntimeConfig_OfTheWorkerMissingOrCorrupt_ProgramsOwnIsTaken(string? content)
    {
        using var copy = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(Driver.BuildOutput))
        {
            File.Copy(file, copy.PathOf(Path.GetFileName(file)));
        }

        string config = copy.PathOf("Lepton.Compute.runtimeconfig.json");
        File.Delete(config);
        if (content is not null)
        {
            await File.WriteAllTextAsync(config, content);
        }

        await using Driver driver = Driver.Start("start", copy.Root);

        Assert.Equal((0, "counted 10\n"), await driver.EndAsync());
    }
}
