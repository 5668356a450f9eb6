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

    /// <summary>What starts the fixture's program as a rank.</summary>
    public static IReadOnlyList<string> Command(params ReadOnlySpan<string> arguments) =>
        ["dotnet", "exec", Built("Lepton.RankProgram"), .. arguments];

    /// <summary>
    /// Runs a program of this repository on so many ranks; without a stall time of its own, the launcher's default.
    /// </summary>
    public static Task<RankRun> OfProgramAsync(
        string name, int ranks, int restartsMax, TimeSpan? stallTime, params string[] arguments) => OfAsync(
        new LaunchOptions
        {
            Command = ["dotnet", "exec", Built(name), .. arguments],
            ProcessesPerNode = ranks,
            RestartsMax = restartsMax,
            Grace = TimeSpan.FromSeconds(20),
            StallTime = stallTime ?? new LaunchOptions { Command = [] }.StallTime,
        });

    /// <summary>Runs the fixture's program on so many ranks.</summary>
    public static Task<RankRun> OfAsync(int ranks, int restartsMax, params string[] arguments) =>
        OfAsync(ranks, restartsMax, new Dictionary<string, string>(), arguments);

    /// <summary>The same with variables of its environment.</summary>
    public static Task<RankRun> OfAsync(
        int ranks, int restartsMax, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        OfAsync(new LaunchOptions
        {
            Command = ["env", .. environment.Select(static pair => $"{pair.Key}={pair.Value}"), .. Command(arguments)],
            ProcessesPerNode = ranks,
            RestartsMax = restartsMax,
            Grace = TimeSpan.FromSeconds(20),
        });

    /// <summary>Runs a launcher to its end.</summary>
    /// <param name="options">What it starts.</param>
    /// <param name="onLine">Told of each line as it comes.</param>
    /// <param name="stop">Has it stop.</param>
    public static async Task<RankRun> OfAsync(
        LaunchOptions options, Action<string>? onLine = null, CancellationToken stop = default)
    {
        var lines = new List<string>();
        var launcher = new RankLauncher(
            options,
            (line, _) =>
            {
                lock (lines)
                {
                    lines.Add(line);
                }

                onLine?.Invoke(line);
            });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(
            TestContext.Current.CancellationToken, stop);
        limit.CancelAfter(s_timeMax);
        int code = await launcher.RunAsync(limit.Token);
        return new RankRun(code, lines);
    }

    private static string Built(string name)
    {
        string built = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        return Path.Combine(
            Path.GetDirectoryName(Path.GetDirectoryName(built))!, name, Path.GetFileName(built), $"{name}.dll");
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
