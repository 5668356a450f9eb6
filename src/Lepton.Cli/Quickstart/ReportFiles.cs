using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Compute;
using Lepton.Compute.Events;
using Lepton.Compute.Reports;

namespace Lepton.Cli.Quickstart;

/// <summary>Where one run's event log and what is made of it lie.</summary>
/// <param name="EventLog">The log.</param>
/// <param name="Report">The HTML page.</param>
/// <param name="Trace">The timeline in Chrome's format.</param>
internal sealed record ReportFiles(string EventLog, string Report, string Trace)
{
    /// <summary>Fresh names in a folder; null for a folder of the user's in the temporary directory.</summary>
    public static ReportFiles In(string? folder, DateTimeOffset startedAt)
    {
        folder ??= EventLogFolder.Create();
        string stamp = startedAt.ToLocalTime().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        string stem = Path.GetFullPath(Path.Combine(folder, $"quickstart-{stamp}-{Environment.ProcessId}"));

        // A process id is unique among those that run; a clock that was set back is not.
        string free = stem;
        for (int copy = 2; File.Exists(free + ".jsonl"); copy++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{stem}-{copy}");
        }

        return new ReportFiles(free + ".jsonl", free + ".html", free + ".trace.json");
    }

    /// <summary>Makes report and trace of the log.</summary>
    /// <exception cref="UsageException">The disk was full, so that there is nothing to make them of.</exception>
    public void Write()
    {
        if (new FileInfo(EventLog).Length == 0)
        {
            throw new UsageException(
                $"Nothing could be written to the event log '{EventLog}', so there is no report of it. Make room " +
                    "there, or give another folder with --report.",
                exitCode: ExitCodes.DiskFull);
        }

        HtmlReport.Write(JobReport.FromLog(EventLog), Report);
        ChromeTrace.Write(EventLogReader.Read(EventLog), Trace);
    }
}
