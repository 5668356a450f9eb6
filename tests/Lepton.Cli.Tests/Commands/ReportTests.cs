using System.Text.Json;
using Lepton.Cli.Tests.Quickstart;

namespace Lepton.Cli.Tests.Commands;

/// <summary><c>lepton report</c>.</summary>
public sealed class ReportTests(QuickstartFixture fixture) : IClassFixture<QuickstartFixture>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Report_OfALog_WritesThePageBesideIt()
    {
        string log = CopyLog("job.jsonl");
        using LeptonRun run = await LeptonRun.OfAsync("report", log);
        Assert.Equal("", run.Error);
        Assert.Equal(_folder.File("job.html") + "\n", run.Output);
        Assert.Contains("Confusion matrix", File.ReadAllText(_folder.File("job.html")), StringComparison.Ordinal);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Report_OutputAndTrace_WritesBothWhereAsked()
    {
        string log = CopyLog("job.jsonl");
        string page = Path.Combine(_folder.Path, "new", "page.html");
        using LeptonRun run =
            await LeptonRun.OfAsync("report", log, "--output", page, "--trace", _folder.File("t.json"));
        Assert.Equal($"{page}\n{_folder.File("t.json")}\n", run.Output);
        Assert.True(File.Exists(page));
        JsonElement trace = JsonDocument.Parse(File.ReadAllText(_folder.File("t.json"))).RootElement;
        Assert.True(trace.GetProperty("traceEvents").GetArrayLength() > 100);
    }

    [Fact]
    public async Task Report_MissingLog_NamesTheNearest()
    {
        CopyLog("job.jsonl");
        await RefusesAsync(3, $"There is no event log '{_folder.File("jbo.jsonl")}'. The nearest name in " +
            $"{_folder.Path} is 'job.jsonl'.", _folder.File("jbo.jsonl"));
    }

    [Fact]
    public async Task Report_MissingFolder_SaysSo() =>
        await RefusesAsync(
            3,
            $"There is no event log '{_folder.File("no/job.jsonl")}': the folder {_folder.File("no")} does not exist.",
                _folder.File("no/job.jsonl"));

    [Fact]
    public async Task Report_Folder_AsksForAFile() =>
        await RefusesAsync(2, $"'{_folder.Path}' is a folder.", _folder.Path);

    [Fact]
    public async Task Report_OtherText_IsNoLog()
    {
        string path = _folder.Write("iris.csv", "a,b", "1,2");
        await RefusesAsync(2, $"Line 1 of '{path}' is damaged:", path);
    }

    [Fact]
    public async Task Report_OtherJson_IsNoLog()
    {
        string path = _folder.Write("other.jsonl", """{"event":"somethingElse","time":"2026-01-01T00:00:00Z"}""");
        await RefusesAsync(
            2,
            $"The event log '{path}' holds no events. Its session was killed as it began, or this is " +
            "another file.", path);
    }

    [Fact]
    public async Task Report_Empty_SaysSo()
    {
        string path = _folder.Write("empty.jsonl");
        await RefusesAsync(2, $"The event log '{path}' holds no events.", path);
    }

    [Fact]
    public async Task Report_OntoTheLogItself_IsRefused()
    {
        string log = CopyLog("job.jsonl");
        byte[] before = File.ReadAllBytes(log);
        await RefusesAsync(2, $"The report would replace the log '{log}' itself.", log, "--output", log);
        Assert.Equal(before, File.ReadAllBytes(log));
    }

    [Fact]
    public async Task Report_TornLog_WarnsAndShowsWhatIsThere()
    {
        string log = CopyLog("torn.jsonl");
        byte[] bytes = File.ReadAllBytes(log);
        File.WriteAllBytes(log, bytes[..^20]);
        using LeptonRun run = await LeptonRun.OfAsync("report", log);
        Assert.StartsWith(
            $"lepton: warning: '{log}' ends in the middle of a line", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("torn.html")));
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Report_DamagedLine_IsRefusedUnlessLenient()
    {
        string log = CopyLog("damaged.jsonl");
        List<string> lines = [.. File.ReadAllLines(log)];
        lines.Insert(3, "%%%");
        File.WriteAllLines(log, lines);
        await RefusesAsync(2, $"Line 4 of '{log}' is damaged:", log);
        using LeptonRun run = await LeptonRun.OfAsync("report", log, "--lenient");
        Assert.Equal($"lepton: warning: 1 damaged lines of '{log}' were passed over.\n", run.Error);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Report_NoLogGiven_AsksForOne()
    {
        using LeptonRun run = await LeptonRun.OfAsync("report");
        Assert.Equal(
            "lepton: 'lepton report' needs LOG: a session's event log, where LeptonSession.EventLogPath says. " +
                "'lepton report --help' lists what there is.\n",
            run.Error);
        Assert.Equal(2, run.ExitCode);
    }

    private static async Task RefusesAsync(int exitCode, string message, params string[] arguments)
    {
        using LeptonRun run = await LeptonRun.OfAsync(["report", .. arguments]);
        Assert.StartsWith("lepton: " + message, run.Error, StringComparison.Ordinal);
        Assert.Equal("", run.Output);
        Assert.Equal(exitCode, run.ExitCode);
    }

    private string CopyLog(string name)
    {
        File.Copy(fixture.EventLog, _folder.File(name));
        return _folder.File(name);
    }
}
