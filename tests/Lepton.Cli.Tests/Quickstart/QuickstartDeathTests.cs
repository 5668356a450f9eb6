using System.Globalization;
using Lepton.Compute.Events;

namespace Lepton.Cli.Tests.Quickstart;

/// <summary>The quickstart itself is killed, so that it can clean up nothing.</summary>
public sealed class QuickstartDeathTests : IDisposable
{
    private const int Rows = 4_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Kill_WhileTreesTrain_LeavesNoWorkerAndNoFile()
    {
        // Noise makes for trees that take long.
        string data = _folder.Write("noise.csv", ["a,b,c,label", .. Enumerable.Range(1, Rows).Select(Row)]);
        string reports = _folder.File("reports");
        await using StartedLepton lepton = StartedLepton.Start(
            "Lepton.Cli", "quickstart", "--json", "--no-kill", "--workers", "2", "--data", data, "--report", reports);
        string log = await GrowingAsync(reports);

        await lepton.SignalAsync("KILL");
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal(137, run.ExitCode);
        await run.SurvivorsEndAsync();

        Assert.DoesNotContain(
            new EventLogReader(log, lenient: true), e => e is JobFinished { Job: "Merge trees to a forest" });
        Assert.Empty(run.LeftBehind);
        Assert.Equal([log], Directory.GetFileSystemEntries(reports));
    }

    private static string Row(int number)
    {
        ulong bits = (ulong)number * 0x9E3779B97F4A7C15;
        string label = (bits >> 60) % 2 == 0 ? "even" : "odd";
        return string.Create(
            CultureInfo.InvariantCulture, $"{bits & 0xFFFF},{(bits >> 16) & 0xFFFF},{(bits >> 32) & 0xFFFF},{label}");
    }

    // Gives the log once it tells that trees are grown and one task of it is done.
    private static async Task<string> GrowingAsync(string reports)
    {
        using CancellationTokenSource limit = LeptonRun.NewLimit();
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            string? log = Directory.Exists(reports) ? Directory.GetFiles(reports, "*.jsonl").SingleOrDefault() : null;
            if (log is not null && IsGrowing(log))
            {
                return log;
            }

            Assert.False(limit.IsCancellationRequested, "No tree was grown.");
            await clock.WaitForNextTickAsync();
        }
    }

    private static bool IsGrowing(string log)
    {
        List<JobEvent> events = [.. new EventLogReader(log, lenient: true)];
        return events.OfType<StageStarted>().FirstOrDefault(stage => stage.Name == "Grow trees") is { } growing
            && events.OfType<TaskFinished>().Any(task => task.Stage == growing.Stage);
    }
}
