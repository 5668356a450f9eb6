using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lepton.Cli.Quickstart;
using Lepton.Compute.Events;

namespace Lepton.Cli.Tests.Quickstart;

/// <summary>The main job, as processes.</summary>
public sealed class QuickstartTests(QuickstartFixture fixture) : IClassFixture<QuickstartFixture>
{
    [Fact]
    public void Json_OneRun_HasTheFieldsAndTheirKinds()
    {
        Assert.Equal(1, fixture.Run.Output.Count(c => c == '\n'));
        Assert.Equal("", fixture.Run.Error);
        var kinds = fixture.Json.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.ValueKind);
        Assert.Equal(
            new Dictionary<string, JsonValueKind>
            {
                ["accuracy"] = JsonValueKind.Number,
                ["cvAccuracy"] = JsonValueKind.Number,
                ["workers"] = JsonValueKind.Number,
                ["workersKilled"] = JsonValueKind.Number,
                ["tasks"] = JsonValueKind.Number,
                ["retries"] = JsonValueKind.Number,
                ["seconds"] = JsonValueKind.Number,
                ["secondsToFirstTask"] = JsonValueKind.Number,
                ["modelSha256"] = JsonValueKind.String,
                ["eventLog"] = JsonValueKind.String,
                ["report"] = JsonValueKind.String,
            },
            kinds);
    }

    [Fact]
    public void Json_WithKill_IsRightAllTheSame()
    {
        Assert.True(fixture.Json.GetProperty("accuracy").GetDouble() >= 0.9);
        Assert.InRange(fixture.Json.GetProperty("cvAccuracy").GetDouble(), 0.93, 0.98);
        Assert.Equal(3, fixture.Json.GetProperty("workers").GetInt32());
        Assert.Equal(1, fixture.Json.GetProperty("workersKilled").GetInt32());
        Assert.True(fixture.Json.GetProperty("retries").GetInt64() >= 1);

        // 1 to read, 16 to scale, 50 and 1 to grow, 50 and 5 to judge; more where a lost worker's were made again.
        Assert.True(fixture.Json.GetProperty("tasks").GetInt64() >= 123);
        Assert.Matches("^[0-9a-f]{64}$", fixture.ModelSha256);
    }

    [Fact]
    public void Report_OfARunWithKill_ShowsTheKillAndTheMatrix()
    {
        string report = fixture.Json.GetProperty("report").GetString()!;
        Assert.Equal(fixture.Folder, Path.GetDirectoryName(report));
        string page = File.ReadAllText(report);
        Assert.Contains("quickstart", page, StringComparison.Ordinal);
        Assert.Contains("on purpose, by the quickstart", page, StringComparison.Ordinal);
        Assert.Contains("Confusion matrix", page, StringComparison.Ordinal);
        Assert.Contains("versicolor", page, StringComparison.Ordinal);
        Assert.Contains("Feature importances", page, StringComparison.Ordinal);
        Assert.Contains("petal_length_cm", page, StringComparison.Ordinal);
        Assert.Contains("Five-fold accuracy", page, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.ChangeExtension(report, ".trace.json")));
    }

    [Fact]
    public void EventLog_OfARunWithKill_TellsOfOneKillWhileTreesWereGrown()
    {
        List<JobEvent> events = [.. EventLogReader.Read(fixture.EventLog)];
        WorkerKilled killed = Assert.Single(events.OfType<WorkerKilled>());
        Assert.Contains(events.OfType<WorkerLost>(), lost => lost.Worker == killed.Worker);
        Assert.Equal(
            ["Read iris.csv", "Fit StandardScaler", "Merge trees to a forest", "Judge folds"],
            events.OfType<JobStarted>().Select(job => job.Job));
        StageStarted growing = events.OfType<StageStarted>().First(stage => stage.Name == "Grow trees");
        Assert.Equal(50, growing.TaskCount);
        StageFinished grown = events.OfType<StageFinished>().First(stage => stage.Stage == growing.Stage);
        Assert.InRange(killed.Time, growing.Time, grown.Time);
        Assert.IsType<SessionFinished>(events[^1]);
    }

    [Fact]
    public void Run_WhenItHasEnded_LeavesNothingBehind()
    {
        Assert.Empty(fixture.Run.LeftBehind);
        Assert.Empty(fixture.Run.Survivors);
    }

    [Theory]
    [InlineData("--workers", "1")]
    [InlineData("--workers", "2")]
    [InlineData("--no-kill", "--workers=3")]
    public async Task Model_OtherWorkersKilledOrNot_IsTheSame(params string[] flags)
    {
        using LeptonRun run = await LeptonRun.OfAsync(["quickstart", "--json", .. flags]);
        Assert.True(run.ExitCode == 0, run.Error);
        JsonElement json = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal(fixture.ModelSha256, json.GetProperty("modelSha256").GetString());
        Assert.Equal(fixture.Json.GetProperty("accuracy").GetDouble(), json.GetProperty("accuracy").GetDouble());
        Assert.Equal(fixture.Json.GetProperty("cvAccuracy").GetDouble(), json.GetProperty("cvAccuracy").GetDouble());
        bool isKilled = !flags.Contains("--no-kill");
        Assert.Equal(isKilled ? 1 : 0, json.GetProperty("workersKilled").GetInt32());
        Assert.Equal(isKilled, json.GetProperty("retries").GetInt64() > 0);
        Assert.Empty(run.LeftBehind);
        Assert.Empty(run.Survivors);
    }

    [Fact]
    public async Task Model_ThreadsOfOneProcess_IsTheSame()
    {
        using var folder = new TemporaryFolder();
        QuickstartResult result = await RunInProcessAsync(folder, new QuickstartOptions { StartedAt = default });
        Assert.Equal(fixture.ModelSha256, result.Model.Sha256);
        Assert.Equal(0, result.Statistics.RetryCount);
    }

    [Fact]
    public async Task Model_AnotherSeed_IsAnother()
    {
        using var folder = new TemporaryFolder();
        QuickstartResult result =
            await RunInProcessAsync(folder, new QuickstartOptions { StartedAt = default, Seed = 1 });
        Assert.NotEqual(fixture.ModelSha256, result.Model.Sha256);
    }

    [Fact]
    public async Task Text_IntoAPipe_IsPlainAndWhole()
    {
        using LeptonRun run = await LeptonRun.OfAsync("quickstart", "--workers", "2");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal("", run.Error);
        Assert.DoesNotContain('\u001b', run.Output);
        Assert.Contains("Learned iris.csv (150 rows × 4 features) with 100 trees on 2 workers", run.Output,
            StringComparison.Ordinal);
        Assert.Contains("Test accuracy", run.Output, StringComparison.Ordinal);
        Assert.Contains("Five-fold accuracy", run.Output, StringComparison.Ordinal);
        Assert.Contains("virginica", run.Output, StringComparison.Ordinal);
        Assert.Contains("killed with SIGKILL", run.Output, StringComparison.Ordinal);
        AssertTellsOfWorkersRetriesAndTime(run.Output);
        Assert.Contains(fixture.ModelSha256, run.Output, StringComparison.Ordinal);
        string report =
            run.Output.Split('\n').Single(line => line.StartsWith("Report ", StringComparison.Ordinal))[12..];
        Assert.True(File.Exists(report), $"there is no report at '{report}'");
    }

    [Fact]
    public async Task Data_OfTheUser_IsLearned()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write(
            "points.csv", ["side,x,y",
                .. Enumerable.Range(0, 60).Select(i => $"{(i % 2 == 0 ? "left" : "right")},{i % 2 * 5},{i % 7}")]);
        using LeptonRun run = await LeptonRun.OfAsync(
            "quickstart", "--data", path, "--label", "side", "--json", "--workers", "1", "--no-kill");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(1, JsonDocument.Parse(run.Output).RootElement.GetProperty("accuracy").GetDouble());
    }

    [Fact]
    public async Task Cancel_WithSigint_EndsItAllAndSaysSo()
    {
        using var folder = new TemporaryFolder();
        using var watcher = new FileSystemWatcher(folder.Path, "*.jsonl");
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        watcher.Created += (_, _) => started.TrySetResult();
        watcher.EnableRaisingEvents = true;
        await using StartedLepton lepton =
            StartedLepton.Start("Lepton.Cli", "quickstart", "--json", "--report", folder.Path);
        await started.Task.WaitAsync(LeptonRun.NewLimit().Token);
        await lepton.SignalAsync("INT");
        using LeptonRun run = await lepton.EndAsync();
        Assert.Equal("", run.Output);
        Assert.Equal("lepton: cancelled; all workers were ended.\n", run.Error);
        Assert.Equal(130, run.ExitCode);
        Assert.Empty(run.LeftBehind);
        Assert.Empty(run.Survivors);
    }

    private static void AssertTellsOfWorkersRetriesAndTime(string output)
    {
        int[] tasksOfWorkers =
        [
            .. Regex.Matches(
                output, @"^│ w\d+ +│ +(\d+) │ (killed with SIGKILL|took its place|) +│$", RegexOptions.Multiline)
                .Select(row => int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture)),
        ];

        // Two, and the one that took a place, though it may have come too late for a task.
        Assert.Equal(3, tasksOfWorkers.Length);
        Match retries = Regex.Match(
            output, @"^Retries     [1-9]\d* of (\d+) tasks; workers lost: 1$", RegexOptions.Multiline);
        Assert.True(retries.Success, output);
        Assert.Equal(tasksOfWorkers.Sum(), int.Parse(retries.Groups[1].Value, CultureInfo.InvariantCulture));

        // Lines are broken for a terminal.
        Assert.Matches(
            @" task \d+/\d+[^:]*: w\d was lost \(killed by SIGKILL: on purpose, by the quickstart;",
            Regex.Replace(output, @"\s+", " "));
        Match time = Regex.Match(
            output, @"^Time        (\d+\.\d) s; the first task began after (\d+\.\d) s *$",
            RegexOptions.Multiline);
        Assert.True(time.Success, output);
        double[] seconds =
            [.. time.Groups.Values.Skip(1).Select(part => double.Parse(part.Value, CultureInfo.InvariantCulture))];
        Assert.InRange(seconds[1], 0.1, seconds[0]);
    }

    private static Task<QuickstartResult> RunInProcessAsync(TemporaryFolder folder, QuickstartOptions options) =>
        QuickstartRun.RunAsync(
            options with { Workers = 0, Threads = 2, Kill = false, ReportFolder = folder.Path },
            new QuickstartProgress(),
            TestContext.Current.CancellationToken);
}
