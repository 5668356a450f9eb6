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

    [Fact]
    public async Task RuntimeConfig_Corrupt_SessionFailsWithWhatTheHostSaid()
    {
        string built = Driver.BuildOutput;
        string copy = Directory.CreateTempSubdirectory("lepton-copy-").FullName;
        foreach (string file in Directory.GetFiles(built))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        await File.WriteAllTextAsync(Path.Combine(copy, "Lepton.Compute.runtimeconfig.json"), "{ not json");
        await using Driver driver = Driver.Start("start", copy);

        (int code, string output) = await driver.EndAsync();

        Directory.Delete(copy, recursive: true);
        Assert.Equal(3, code);
        Assert.StartsWith("NoWorkers: The workers did not start.", output, StringComparison.Ordinal);
        Assert.Contains("Lepton.Compute.runtimeconfig.json", output, StringComparison.Ordinal);
        Assert.Empty(driver.Left());
    }

    [Fact]
    public async Task RuntimeConfig_Missing_ProgramsOwnIsTaken()
    {
        string built = Driver.BuildOutput;
        string copy = Directory.CreateTempSubdirectory("lepton-copy-").FullName;
        foreach (string file in Directory.GetFiles(built))
        {
            if (Path.GetFileName(file) != "Lepton.Compute.runtimeconfig.json")
            {
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
            }
        }

        await using Driver driver = Driver.Start("start", copy);

        (int code, string output) = await driver.EndAsync();

        Directory.Delete(copy, recursive: true);
        Assert.Equal((0, "counted 10\n"), (code, output));
    }
}
