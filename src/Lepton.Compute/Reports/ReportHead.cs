using System.Globalization;
using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>The head of the page: what ran, how it ended, and the facts that people look for first.</summary>
internal static class ReportHead
{
    public static void Write(HtmlWriter html, JobReport report)
    {
        html.Raw("<header>\n");
        WriteTitle(html, report);
        WriteNotices(html, report);
        WriteTiles(html, report);
        html.Raw("</header>\n<main>\n");
    }

    private static void WriteTitle(HtmlWriter html, JobReport report)
    {
        string status = report.Status switch
        {
            ReportStatus.Succeeded => "succeeded",
            ReportStatus.Failed => "failed",
            _ => "unfinished",
        };
        html.Write($"<h1>{report.Program} <span class=\"pill {status}\">{status}</span></h1>\n<p class=\"sub\">");
        string startedAt = report.StartedAt.ToString("yyyy-MM-dd HH:mm:ss 'UTC'zzz", CultureInfo.InvariantCulture);
        html.Write($"{startedAt.Replace("UTC+00:00", "UTC", StringComparison.Ordinal)}");
        if (report.Session is SessionStarted session)
        {
            string mode = session.Mode == SessionMode.Processes ? "worker processes" : "threads";
            html.Write($" · {Quantity.Count(session.Workers)} {mode}, {Quantity.Count(session.Slots, "slot")} each");
            html.Write($" · seed {session.Seed} · session {session.Session} · Lepton {session.LeptonVersion}");
        }

        html.Raw("</p>\n");
    }

    private static void WriteNotices(HtmlWriter html, JobReport report)
    {
        if (report.Error is string error)
        {
            html.Write($"<p class=\"notice bad\"><b>Error.</b> {TextLimit.Cut(error, 4_000)}</p>\n");
        }

        if (report.Status == ReportStatus.Unfinished)
        {
            html.Raw("<p class=\"notice\"><b>Unfinished.</b> The log has no end: its session still ran when this " +
                "report was made, or its driver was killed.</p>\n");
        }

        if (report.IsTorn)
        {
            html.Raw("<p class=\"notice\"><b>Torn.</b> The last line of the log was cut short and is left out.</p>\n");
        }

        if (report.DamagedLines > 0)
        {
            html.Write($"<p class=\"notice\"><b>Damaged.</b> {Quantity.Count(report.DamagedLines, "line")} of ");
            html.Raw("the log could not be read; what they said is missing here.</p>\n");
        }

        if (report.LostEvents > 0)
        {
            html.Write($"<p class=\"notice\"><b>Gaps.</b> {Quantity.Count(report.LostEvents, "event")} could not be ");
            html.Raw("written to the log; the figures here are too low by that.</p>\n");
        }
    }

    private static void WriteTiles(HtmlWriter html, JobReport report)
    {
        html.Raw("<dl class=\"tiles\">\n");
        foreach (NamedFact fact in Headlines(report))
        {
            Tile(html, fact.Name, fact.Value, "", "headline");
        }

        Tile(html, "Time", Quantity.Duration(report.Seconds * 1000), "");
        Tile(html, "Tasks", Quantity.Count(report.Tasks), report.Attempts == report.Tasks
            ? "" : $"{Quantity.Count(report.Attempts, "attempt")}");
        Tile(html, "Workers", Quantity.Count(report.Session?.Workers ?? report.Details.Lanes.Count), Losses(report));
        Tile(html, "Retries", Quantity.Count(report.Retries), report.Details.RetryReasons.Count switch
        {
            0 => "",
            1 => TextLimit.Cut(report.Details.RetryReasons[0].Reason, 40),
            int reasons => $"{Quantity.Count(reasons)} reasons",
        });
        html.Raw("</dl>\n");
    }

    private static IEnumerable<NamedFact> Headlines(JobReport report) => report.Exhibits
        .Select(exhibit => exhibit.Content).OfType<ValuesContent>()
        .SelectMany(values => values.Facts).Where(fact => fact.Headline).Take(6);

    private static string Losses(JobReport report)
    {
        if (report.WorkersLost == 0 && report.WorkersKilled == 0)
        {
            return "none lost";
        }

        long byThemselves = Math.Max(0, report.WorkersLost - report.WorkersKilled);
        return string.Join(", ", new[]
        {
            report.WorkersKilled > 0 ? $"{Quantity.Count(report.WorkersKilled)} killed" : "",
            byThemselves > 0 ? $"{Quantity.Count(byThemselves)} lost" : "",
        }.Where(part => part.Length > 0));
    }

    private static void Tile(HtmlWriter html, string name, string value, string note, string kind = "")
    {
        html.Write($"<div class=\"tile {kind}\"><dt>{TextLimit.Cut(name, 60)}</dt><dd>{TextLimit.Cut(value, 60)}</dd>");
        html.Write($"<dd class=\"note\">{note}</dd></div>\n");
    }
}
