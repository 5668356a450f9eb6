using Lepton.Training.Launch;
using Lepton.Training.Records;

namespace Lepton.Training.Tests;

/// <summary>A training of real processes that ran to its end.</summary>
internal sealed record RankRun(int ExitCode, IReadOnlyList<string> Lines)
{
    private static readonly TimeSpan s_timeMax = TimeSpan.FromMinutes(4);

    public string Text => string.Join('\n', Lines);

    public double Accuracy => double.Parse(
        Lines.Single(static line => line.Contains("accuracy ", StringComparison.Ordinal)
            && !line.Contains("epoch", StringComparison.Ordinal)).Split(' ')[^1],
        System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Runs the fixture's program on so many ranks.</summary>
    public static Task<RankRun> OfAsync(int ranks, int restartsMax, params string[] arguments) =>
        OfProgramAsync("Lepton.RankProgram", ranks, restartsMax, stallTime: null, arguments);

    /// <summary>
    /// Runs a program of this repository on so many ranks; without a stall time of its own, the launcher's default.
    /// </summary>
    public static async Task<RankRun> OfProgramAsync(
        string name, int ranks, int restartsMax, TimeSpan? stallTime, params string[] arguments)
    {
        string built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        string program = Path.Combine(
            Path.GetDirectoryName(Path.GetDirectoryName(built))!, name, Path.GetFileName(built), $"{name}.dll");
        var lines = new List<string>();
        var launcher = new RankLauncher(
            new LaunchOptions
            {
                Command = ["dotnet", "exec", program, .. arguments],
                ProcessesPerNode = ranks,
                RestartsMax = restartsMax,
                Grace = TimeSpan.FromSeconds(20),
                StallTime = stallTime ?? new LaunchOptions { Command = [] }.StallTime,
            },
            (line, _) =>
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(s_timeMax);
        int code = await launcher.RunAsync(limit.Token);
        return new RankRun(code, lines);
    }

    /// <summary>The training losses of a run's metrics, by step.</summary>
    public static IReadOnlyList<(long Step, double Loss)> LossesOf(string folder) =>
        [.. File.ReadLines(Path.Combine(folder, "metrics.jsonl"))
            .Select(static line => MetricLine.Parse(line)!)
            .Where(static line => line.Split == "train")
            .Select(static line => (line.Step, line.Values["loss"]))];

    /// <summary>Asserts that two curves have the same steps, once each, and losses equal to 1e-5.</summary>
    public static void AssertSame(
        IReadOnlyList<(long Step, double Loss)> expected, IReadOnlyList<(long Step, double Loss)> actual)
    {
        Assert.Equal(expected.Select(static point => point.Step), actual.Select(static point => point.Step));
        for (int i = 0; i < expected.Count; i++)
        {
            double difference = Math.Abs(expected[i].Loss - actual[i].Loss) / expected[i].Loss;
            Assert.True(
                difference <= 1e-5,
                $"step {expected[i].Step}: {expected[i].Loss} and {actual[i].Loss} differ by {difference:G3}");
        }
    }
}
