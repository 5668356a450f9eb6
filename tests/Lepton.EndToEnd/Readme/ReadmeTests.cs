using System.Text.RegularExpressions;
using Lepton.EndToEnd.Programs;

namespace Lepton.EndToEnd.Readme;

public sealed class ReadmeTests
{
    private readonly ReadmePage _page = ReadmePage.Read();

    [Fact]
    public void Program_Itself_HasAboutTenLines() =>
        Assert.InRange(_page.Blocks("csharp").First().Split('\n').Count(line => line.Trim().Length > 0), 5, 10);

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Program_InTheProjectThatThePageShows_PrintsWhatThePageShows()
    {
        using var folder = new TemporaryFolder();
        string program = await BuiltAsync(folder, _page.Blocks("csharp").First());

        using ProgramRun run = await ProgramRun.StartAsync("dotnet", folder.Root, program);
        Assert.Equal(_page.BlockBehind("csharp", "text"), run.Output);
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.LeftBehind);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task CsvExample_WithTheFilesThatItNames_WritesTheTotalsAndCountsTheBadRow()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("orders"));
        folder.Write("orders/2025.csv", "id,customer,amount\n1,10,2.5\n2,11,1\n3,10,much\n");
        folder.Write("orders/2026.csv", "id,customer,amount\n4,10,4\n5,12,100\n");
        folder.Write("customers.csv", "id,name\n10,Ada\n11,Alan\n");
        ILookup<bool, string> lines = _page.Blocks("csharp").ElementAt(1).Split('\n')
            .ToLookup(line => line.StartsWith("record ", StringComparison.Ordinal));
        string program = await BuiltAsync(folder, string.Join('\n', [
            "using Lepton.Compute;", "using Lepton.Compute.Datasets;", "using Lepton.Compute.Formats;",
            "await using LeptonSession session = await LeptonSession.LocalAsync(workers: 1);",
            .. lines[false], .. lines[true]]));

        using ProgramRun run = await ProgramRun.StartAsync("dotnet", folder.Root, program);

        Assert.True(run.ExitCode == 0, run.Output + run.Error);
        Assert.Contains(" 1 row skipped", run.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["""{"key":"Ada","value":6.5}""", """{"key":"Alan","value":1}"""],
            Directory.GetFiles(folder.File("totals"), "part-*").Order(StringComparer.Ordinal)
                .SelectMany(File.ReadAllLines));
        Assert.True(File.Exists(folder.File("totals/_SUCCESS")));
        Assert.Empty(run.LeftBehind);
    }

    [Fact]
    public async Task Quickstart_ThreeWorkersOneKilled_PrintsTheModelThatThePageShows()
    {
        using ProgramRun run = await ProgramRun.OfAsync("Lepton.Cli", "quickstart");

        string[] lasting =
        [
            .. _page.BlockBehind("sh", "text").Split('\n')
                .Where(line => Regex.IsMatch(line, "accuracy|SHA-256|setosa|versicolor|virginica")),
        ];
        Assert.Equal(7, lasting.Length);
        Assert.All(lasting, line => Assert.Contains(line, run.Output, StringComparison.Ordinal));
        Assert.Empty(run.LeftBehind);
    }

    [Fact]
    public void Scripts_InShellBlocks_CanBeStarted()
    {
        string[] scripts =
        [
            .. _page.Blocks("sh").SelectMany(block => Regex.Matches(block, @"^\./\S+", RegexOptions.Multiline))
                .Select(match => match.Value).Distinct(),
        ];

        Assert.Equal(["./lepton", "./test.sh"], scripts);
        foreach (string script in scripts)
        {
            string path = Repository.File(script[2..]);
            Assert.True(File.Exists(path), path);
            Assert.True(
                OperatingSystem.IsWindows() || File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute),
                $"{path} can't be executed");
        }
    }

    [Fact]
    public async Task Commands_OnThePage_HaveHelp()
    {
        string[] commands = [.. Regex.Matches(_page.Text, @"(?<=\blepton )(?<name>[a-z]+)(?=[ `\n])")
            .Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];

        Assert.Equal(
            [
                "coordinator", "elect", "kv", "lock", "members", "native", "object", "quickstart", "replay", "report",
                "run", "snapshot", "storage", "train",
            ],
            commands);
        foreach (string command in commands)
        {
            using ProgramRun help = await ProgramRun.OfAsync("Lepton.Cli", command, "--help");
            Assert.Matches($@"Usage:\s+\S+ {command} ", help.Output);
        }
    }

    /// <summary>Builds a program in the project that the page shows, without a warning.</summary>
    private async Task<string> BuiltAsync(TemporaryFolder folder, string program)
    {
        string sources = Repository.File("src") + Path.DirectorySeparatorChar;
        string project = _page.Blocks("xml").First();
        Assert.Contains("../lepton/src/", project, StringComparison.Ordinal);
        folder.Write("hello.csproj", project.Replace("../lepton/src/", sources, StringComparison.Ordinal));
        folder.Write("Program.cs", program);

        // A compiler server would live on, with its pipe in the temporary folder of this run.
        using ProgramRun build = await ProgramRun.StartAsync(
            "dotnet", folder.Root, "build", "-nologo", "-v", "quiet", "-nodeReuse:false", "-o", folder.File("out"),
            "-p:UseSharedCompilation=false");
        Assert.True(build.ExitCode == 0, build.Output + build.Error);
        Assert.DoesNotContain("warning", build.Output, StringComparison.Ordinal);
        return folder.File("out/hello.dll");
    }
}
