using System.Text.RegularExpressions;

namespace Lepton.Cli.Tests.Commands;

/// <summary>What is known of the jobs of a program that was killed.</summary>
public sealed class KilledDriverTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Trap74_DriverKilled_ItsLogStillMakesAReport()
    {
        await using StartedLepton driver = StartedLepton.Start("Lepton.FaultDriver", "half-done", _folder.Path);
        Assert.Equal("ready", await driver.ReadLineAsync());
        await driver.SignalAsync("KILL");
        using LeptonRun killed = await driver.EndAsync();
        Assert.Equal(137, killed.ExitCode);
        await killed.SurvivorsEndAsync();

        using LeptonRun run = await LeptonRun.OfAsync("report", _folder.File("job.jsonl"));

        Assert.Equal(
            $"lepton: warning: '{_folder.File("job.jsonl")}' has no end: its job still runs, or its driver was " +
            "killed. The report shows what was written until now.\n",
            run.Error);
        Assert.Equal(0, run.ExitCode);
        string page = await File.ReadAllTextAsync(_folder.File("job.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<b>Unfinished.</b> The log has no end", page, StringComparison.Ordinal);
        string stage = Assert.Single(
            Regex.Matches(page, "<tr>.*?</tr>", RegexOptions.Singleline), row => row.Value.Contains("SelectPartition"))
            .Value;
        string[] cells = [.. Regex.Matches(stage, "<td.*?>(.*?)</td>").Select(cell => cell.Groups[1].Value)];
        Assert.Equal(("4", "2", "–", "unfinished"), (cells[2], cells[3], cells[4], cells[^1]));
    }
}
