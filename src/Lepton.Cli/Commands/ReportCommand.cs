using System.CommandLine;
using System.Globalization;
using Lepton.Cli.CommandLine;
using Lepton.Compute.Events;
using Lepton.Compute.Formats;
using Lepton.Compute.Reports;
using Lepton.Compute;

namespace Lepton.Cli.Commands;

/// <summary><c>lepton report</c>: the HTML report of an event log.</summary>
internal static class ReportCommand
{
    private const string Examples =
        """
        Examples:
          lepton report job.jsonl                       writes job.html beside it
          lepton report job.jsonl --trace job.trace.json
          lepton report job.jsonl --lenient             passes over damaged lines
        """;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        Argument<string> log = new("LOG")
        {
            Description = "A session's event log, where LeptonSession.EventLogPath says.",
        };
        Option<string> output =
            new("--output", "-o") { Description = "The page; LOG with .html otherwise.", HelpName = "FILE" };
        Option<string> trace = new("--trace")
        {
            Description = "Also write the timeline in Chrome's trace format, for chrome://tracing or Perfetto.",
            HelpName = "FILE",
        };
        Option<bool> lenient = new("--lenient") { Description = "Pass over damaged lines and count them." };
        var command = new Command(
            "report", "Makes one self-contained HTML page of an event log.") { log, output, trace, lenient };
        command.AppendHelp(Examples, HelpText.ExitCodesText);
        command.SetGuardedAction((result, _) => Task.FromResult(Run(
            result.GetRequiredValue(log), result.GetValue(output), result.GetValue(trace), result.GetValue(lenient))));
        return command;
    }

    private static int Run(string log, string? output, string? trace, bool lenient)
    {
        RequireFile(log);
        JobReport report = JobReport.FromLog(log, lenient);
        string page = output ?? Path.ChangeExtension(log, ".html");
        if (Path.GetFullPath(page) == Path.GetFullPath(log))
        {
            throw new UsageException(
                $"The report would replace the log '{log}' itself. Give another name with --output.");
        }

        HtmlReport.Write(report, page);
        if (trace is not null)
        {
            ChromeTrace.Write(new EventLogReader(log, lenient), trace);
        }

        Warn(log, report);
        Console.Out.WriteLine(Path.GetFullPath(page));
        if (trace is not null)
        {
            Console.Out.WriteLine(Path.GetFullPath(trace));
        }

        return ExitCodes.Ok;
    }

    private static void Warn(string log, JobReport report)
    {
        if (report.IsTorn)
        {
            Console.Error.WriteLine(
                $"lepton: warning: '{log}' ends in the middle of a line, as when a driver is killed. The report " +
                    "shows what was written until then.");
        }
        else if (report.Status == ReportStatus.Unfinished)
        {
            Console.Error.WriteLine(
                $"lepton: warning: '{log}' has no end: its job still runs, or its driver was killed. The report " +
                    "shows what was written until now.");
        }

        if (report.DamagedLines > 0)
        {
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"lepton: warning: {report.DamagedLines} damaged lines of '{log}' were passed over."));
        }
    }

    private static void RequireFile(string log)
    {
        if (File.Exists(log))
        {
            return;
        }

        if (Directory.Exists(log))
        {
            throw new UsageException(
                $"'{log}' is a folder. Give the path of one event log in it, a file that ends in .jsonl.");
        }

        string full = Path.GetFullPath(log);
        string folder = Path.GetDirectoryName(full) ?? full;
        if (!Directory.Exists(folder))
        {
            throw new UsageException(
                $"There is no event log '{log}': the folder {folder} does not exist. Correct the path.",
                exitCode: ExitCodes.MissingFile);
        }

        string? near = NearestName.Find(
            Path.GetFileName(full), Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)));
        string hint =
            near is null ? $"Nothing in {folder} has a name like it." : $"The nearest name in {folder} is '{near}'.";
        throw new UsageException(
            $"There is no event log '{log}'. {hint} Correct the path: LeptonSession.EventLogPath tells it.",
            exitCode: ExitCodes.MissingFile);
    }
}
