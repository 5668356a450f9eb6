using Lepton.Compute;

namespace Lepton.Bench.Sides;

/// <summary>Starts a session as a user's program would, with its files in the bench's own directory.</summary>
internal static class BenchSession
{
    private const int WorkersDefault = 2;

    // How long workers have stood before the work begins, on either side.
    private const int IdleMillisecondsDefault = 1000;

    public static readonly string[] Options = ["workers", "budget-mib", "work-directory", "no-log", "idle-ms"];

    public static async Task<LeptonSession> StartAsync(Arguments arguments)
    {
        string directory = arguments.Text("work-directory", Path.GetTempPath());
        Directory.CreateDirectory(directory);
        string log = Path.Combine(directory, $"events-{Environment.ProcessId}.jsonl");
        LeptonSession session = await LeptonSession.LocalAsync(
            workers: (int)arguments.Number("workers", WorkersDefault),
            options: new LeptonSessionOptions
            {
                WorkDirectory = directory,
                MemoryPerWorkerBytes = arguments.Has("budget-mib") ? arguments.Number("budget-mib") << 20 : null,
                EventLogPath = arguments.Has("no-log") ? "" : log,
            });
        await Task.Delay((int)arguments.Number("idle-ms", IdleMillisecondsDefault));
        return session;
    }

    /// <summary>What the session says of its own: spilled bytes and retries.</summary>
    public static string Note(LeptonSession session)
    {
        SessionStatistics statistics = session.Statistics;
        return FormattableString.Invariant(
            $"spilled {statistics.SpilledBytes / 1e6:0} MB, {statistics.RetryCount} retries");
    }
}
