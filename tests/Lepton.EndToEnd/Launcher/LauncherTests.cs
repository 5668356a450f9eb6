using Lepton.EndToEnd.Programs;

namespace Lepton.EndToEnd.Launcher;

/// <summary>
/// What <c>./lepton</c> does when: in a checkout of a few files, where the build is a script that notes that it was
/// called, and <c>dotnet</c> one that tells what it would start. The real build is what the other tests run.
/// </summary>
public sealed class LauncherTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lepton-launcher-");

    public LauncherTests()
    {
        Write("lepton", File.ReadAllText(Repository.File("lepton")));
        Write("src/Lepton.Cli/Program.cs", "// A source.");
        Write("samples/data/iris.csv", "a,label");
        Write("Directory.Build.props", "<Project />");
        Write("global.json", "{}");

        // As the real one: the output is there when it is whole, or not at all.
        Write("eng/publish.sh", """
            #!/bin/sh
            echo "$1" >>"$(dirname "$0")/../builds"
            [ ! -e "$(dirname "$0")/../broken" ] || { echo 'error CS0000' >&2; exit 1; }
            mkdir -p "$2" && echo program >"$2/Lepton.Cli.dll"
            """);
        Write("bin/dotnet", """
            #!/bin/sh
            echo "starts $(basename "$1") with: $2 $3"
            exit 7
            """);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task FirstUse_BuildsAndStartsTheProgram()
    {
        using ProgramRun run = await StartAsync();

        Assert.Equal("starts Lepton.Cli.dll with: quickstart --json\n", run.Output);
        Assert.StartsWith("Building Lepton", run.Error, StringComparison.Ordinal);
        Assert.Equal(7, run.ExitCode);
        Assert.Equal(["src/Lepton.Cli"], Builds);
    }

    [Fact]
    public async Task NothingChanged_StartsTheBuiltProgramDirectly()
    {
        (await StartAsync()).Dispose();

        using ProgramRun again = await StartAsync();

        Assert.Equal("starts Lepton.Cli.dll with: quickstart --json\n", again.Output);
        Assert.Equal("", again.Error);
        Assert.Single(Builds);
    }

    [Theory]
    [InlineData("src/Lepton.Cli/Program.cs")]
    [InlineData("src/Lepton.Cli/New.cs")]
    [InlineData("eng/publish.sh")]
    [InlineData("Directory.Build.props")]
    [InlineData("samples/data/iris.csv")]
    public async Task FileOfTheBuild_ChangedOrNew_IsBuiltAgain(string file)
    {
        (await StartAsync()).Dispose();
        File.AppendAllText(At(file), " ");
        Later(At(file));

        (await StartAsync()).Dispose();

        Assert.Equal(2, Builds.Length);
    }

    [Fact]
    public async Task SourceFile_Removed_IsBuiltAgain()
    {
        Write("src/Lepton.Cli/Old.cs", "// Another source.");
        (await StartAsync()).Dispose();
        File.Delete(At("src/Lepton.Cli/Old.cs"));
        Later(At("src/Lepton.Cli"));

        (await StartAsync()).Dispose();

        Assert.Equal(2, Builds.Length);
    }

    [Fact]
    public async Task Build_Fails_StartsNothingAndBuildsTheNextTime()
    {
        Write("broken", "");
        using ProgramRun run = await StartAsync();
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Contains("error CS0000", run.Error, StringComparison.Ordinal);
        File.Delete(At("broken"));

        using ProgramRun mended = await StartAsync();

        Assert.Equal(7, mended.ExitCode);
        Assert.Equal(2, Builds.Length);
    }

    [Fact]
    public async Task SeveralAtOnce_OnFirstUse_BuildOnce()
    {
        ProgramRun[] runs = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StartAsync()));

        Assert.All(runs, run => Assert.Equal(7, run.ExitCode));
        Assert.Single(Builds);
        Array.ForEach(runs, run => run.Dispose());
    }

    [Fact]
    public async Task Link_FromAnotherFolder_FindsItsCheckout()
    {
        Write("elsewhere/readme", "");
        File.CreateSymbolicLink(At("elsewhere/lepton"), "../lepton");

        using ProgramRun run = await StartAsync("elsewhere/lepton");

        Assert.Equal(7, run.ExitCode);
    }

    private string[] Builds => File.ReadAllLines(At("builds"));

    private string At(string file) => Path.Combine(_folder.FullName, file);

    // The launcher compares times; a build and a change in one tick of the file system's clock would look the same.
    private static void Later(string path) =>
        File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(5));

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(file))!);
        File.WriteAllText(At(file), text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(
                At(file), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private Task<ProgramRun> StartAsync(string launcher = "lepton") => ProgramRun.StartAsync(
        "/usr/bin/env", _folder.FullName,
        $"PATH={At("bin")}:{Environment.GetEnvironmentVariable("PATH")}", At(launcher), "quickstart", "--json");
}
