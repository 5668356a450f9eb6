namespace Lepton.Cli.Tests.Commands;

/// <summary><c>lepton run</c>.</summary>
public sealed class RunTests(UserProgram program) : IClassFixture<UserProgram>
{
    [Fact]
    public void Run_Project_BuildsItAndPassesArgumentsOutputAndExitCode()
    {
        Assert.Equal("a b|--flag|-x=1\n", program.First.Output);
        Assert.Equal(Environment.CurrentDirectory + "\n", program.First.Error);
        Assert.Equal(3, program.First.ExitCode);
    }

    [Fact]
    public async Task Run_Assembly_RunsItAsItIs()
    {
        using LeptonRun run = await LeptonRun.OfAsync("run", program.Assembly, "--", "one");
        Assert.Equal("one\n", run.Output);
        Assert.Equal(1, run.ExitCode);
    }

    [Theory]
    [InlineData("TERM", 41)]
    [InlineData("INT", 42)]
    public async Task Run_Signal_ReachesTheProgramWhichDecides(string signal, int exitCode)
    {
        await using StartedLepton lepton = StartedLepton.Start("Lepton.Cli", "run", program.Assembly, "--", "wait");
        Assert.Equal("ready", await lepton.ReadLineAsync());
        await lepton.SignalAsync(signal);
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal("", run.Error);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Empty(run.Survivors);
    }

    [Fact]
    public async Task Run_Killed_TakesTheProgramAlong()
    {
        await using StartedLepton lepton = StartedLepton.Start("Lepton.Cli", "run", program.Assembly, "--", "wait");
        Assert.Equal("ready", await lepton.ReadLineAsync());
        await lepton.SignalAsync("KILL");
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal(137, run.ExitCode);
        Assert.Empty(run.Survivors);
    }

    [Fact]
    public async Task Run_NothingChanged_StartsWithoutABuildUnlessAskedFor()
    {
        string project = Path.Combine(program.Folder, "user.csproj");
        string whole = await File.ReadAllTextAsync(project, TestContext.Current.CancellationToken);
        DateTime writtenAt = File.GetLastWriteTimeUtc(project);
        try
        {
            // What no build could read, and what looks as it did at the last build.
            await File.WriteAllTextAsync(project, "<Project", TestContext.Current.CancellationToken);
            File.SetLastWriteTimeUtc(project, writtenAt);
            using LeptonRun unchanged = await LeptonRun.OfAsync("run", program.Folder, "--", "one");
            Assert.Equal("one\n", unchanged.Output);

            File.SetLastWriteTimeUtc(program.Linked, TimeProvider.System.GetUtcNow().UtcDateTime);
            using LeptonRun linked = await LeptonRun.OfAsync("run", program.Folder, "--", "one");
            Assert.Contains("does not build; see above.", linked.Error, StringComparison.Ordinal);
            File.SetLastWriteTimeUtc(program.Linked, writtenAt);

            using LeptonRun asked = await LeptonRun.OfAsync("run", "--build", program.Folder, "--", "one");
            Assert.Contains("does not build; see above.", asked.Error, StringComparison.Ordinal);

            File.SetLastWriteTimeUtc(project, TimeProvider.System.GetUtcNow().UtcDateTime);
            using LeptonRun changed = await LeptonRun.OfAsync("run", program.Folder, "--", "one");
            Assert.Contains("does not build; see above.", changed.Error, StringComparison.Ordinal);
        }
        finally
        {
            await File.WriteAllTextAsync(project, whole, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Run_ProjectThatDoesNotBuild_ShowsTheCompilersErrors()
    {
        using var folder = new TemporaryFolder();
        File.Copy(Path.Combine(program.Folder, "user.csproj"), folder.File("user.csproj"));
        folder.Write("Program.cs", "return \"no number\";");
        using LeptonRun run = await LeptonRun.OfAsync("run", folder.Path);
        Assert.Contains("error CS", run.Error, StringComparison.Ordinal);
        Assert.Contains(
            $"lepton: '{folder.File("user.csproj")}' does not build; see above.", run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
        Assert.Equal(1, run.ExitCode);
    }

    [Fact]
    public async Task Run_Library_IsRefused()
    {
        using var folder = new TemporaryFolder();
        folder.Write("library.dll");
        await RefusesAsync(2, $"'{folder.File("library.dll")}' is a library: there is no library.runtimeconfig.json " +
            "beside it.", folder.File("library.dll"));
    }

    [Fact]
    public async Task Run_Missing_NamesTheNearest()
    {
        using var folder = new TemporaryFolder();
        folder.Write("program.csproj", "<Project/>");
        await RefusesAsync(
            3,
            $"There is no project or program '{folder.File("progam.csproj")}'. The nearest name in {folder.Path} is " +
                "'program.csproj'.",
            folder.File("progam.csproj"));
    }

    [Fact]
    public async Task Run_FolderWithoutOrWithSeveralProjects_IsRefused()
    {
        using var folder = new TemporaryFolder();
        await RefusesAsync(2, $"The folder '{folder.Path}' has no project in it.", folder.Path);
        folder.Write("a.csproj");
        folder.Write("b.csproj");
        await RefusesAsync(
            2, $"The folder '{folder.Path}' has several projects: a.csproj, b.csproj. Name one.", folder.Path);
    }

    [Fact]
    public async Task Run_OtherFile_IsRefused()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("notes.txt", "x");
        await RefusesAsync(2, $"'{path}' is neither a project nor a program.", path);
    }

    private static async Task RefusesAsync(int exitCode, string message, string target)
    {
        using LeptonRun run = await LeptonRun.OfAsync("run", target);
        Assert.StartsWith("lepton: " + message, run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
        Assert.Equal(exitCode, run.ExitCode);
    }
}
