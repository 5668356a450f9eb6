using Lepton.Compute;

namespace Lepton.Bench.Sides;

/// <summary>Starts a session as a user's program would, with its files in the bench's own directory.</summary>
internal static class BenchSession
{
    private const int WorkersDefault = 2;

    public static readonly string[] Options = ["workers", "budget-mib", "work-directory", "no-log"];

    public static Task<LeptonSession> StartAsync(Arguments arguments)
    {
        string directory = arguments.Text("work-directory", Path.GetTempPath());
        Directory.CreateDirectory(directory);
        string log = Path.Combine(directory, $"events-{Environment.ProcessId}.jsonl");
        return LeptonSession.LocalAsync(
            workers: (int)arguments.Number("workers", WorkersDefault),
            options: new LeptonSessionOptions
            {
                WorkDirectory = directory,
                MemoryPerWorkerBytes = arguments.Has("budget-mib") ? arguments.Number("budget-mib") << 20 : null,
                EventLogPath = arguments.Has("no-log") ? "" : log,
            });
    }

    /// <summary>What the session says of its own: spilled bytes and retries.</summary>
    public static string Note(LeptonSession session)
    {
        SessionStatistics statistics = session.Statistics;
        return FormattableString.Invariant(
            $"spilled {statistics.SpilledBytes / 1e6:0} MB, {statistics.RetryCount} retries");
    }
}
