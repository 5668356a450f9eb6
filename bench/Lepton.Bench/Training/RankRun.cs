using Lepton.Training.Launch;

namespace Lepton.Bench.Training;

/// <summary>Runs a verb of this program on one rank or several.</summary>
internal static class RankRun
{
    private static readonly bool s_isRank = Environment.GetEnvironmentVariable("RANK") is not null;

    /// <summary>
    /// Does the work where this process is a rank, or is to be the only one; otherwise starts so many of itself with
    /// the same arguments, waits, and prints the first one's report.
    /// </summary>
    /// <exception cref="InvalidOperationException">A rank failed; the message has what they wrote.</exception>
    public static async Task RunAsync(int ranks, IReadOnlyList<string> words, Action work)
    {
        if (ranks == 1 || s_isRank)
        {
            work();
            return;
        }

        var lines = new List<string>();
        var launcher = new RankLauncher(
            new LaunchOptions
            {
                Command = ["dotnet", "exec", typeof(RankRun).Assembly.Location, .. words],
                ProcessesPerNode = ranks,
            },
            (line, _) =>
            {
                lock (lines)
                {
                    lines.Add(line);
                }
            });
        if (await launcher.RunAsync(CancellationToken.None) != 0)
        {
            throw new InvalidOperationException(string.Join(Environment.NewLine, lines));
        }

        Console.WriteLine(lines.Select(static line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..])
            .Single(static line => line.StartsWith('{')));
    }
}
