using System.Security.Cryptography;
using System.Text;
using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>
/// Makes one HTML page of a report: style, script and drawings are inside, and it loads nothing from anywhere. Its size
/// does not grow with the number of tasks.
/// </summary>
public static class HtmlReport
{
    /// <summary>Writes the page to a file, all of it or nothing. What stood there before is replaced.</summary>
    /// <exception cref="EventLogException">The file can't be written.</exception>
    public static void Write(JobReport report, string path)
    {
        ArgumentNullException.ThrowIfNull(report);
        WholeFile.Write(path, "report", stream =>
        {
            using var writer = new StreamWriter(stream, new UTF8Encoding(false), 64 * 1024, leaveOpen: true);
            Write(report, writer);
        });
    }

    /// <summary>Writes the page as text.</summary>
    public static void Write(JobReport report, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentNullException.ThrowIfNull(output);
        var html = new HtmlWriter(output);
        string script = ReportResource.Script();
        WriteHead(html, report, script);
        ReportHead.Write(html, report);
        ExhibitCards.Write(html, report.Exhibits);
        TimelineSection.Write(html, report);
        StageTable.Write(html, report);
        WorkerTables.Write(html, report);
        RetryTables.Write(html, report);
        NewsTables.Write(html, report);
        ReportFoot.Write(html, report);
        html.Raw("<div id=\"tip\" role=\"tooltip\" hidden=\"hidden\"></div>\n<script>");
        html.Raw(script);
        html.Raw("</script>\n</body>\n</html>\n");
    }

    private static void WriteHead(HtmlWriter html, JobReport report, string script)
    {
        // The policy makes sure of what the page promises: no network, and no script but this one.
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        html.Raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n");
        html.Raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
        html.Write($"style-src 'unsafe-inline'; script-src 'sha256-{hash}'\" />\n");
        html.Raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n");
        html.Raw("<meta name=\"color-scheme\" content=\"light dark\" />\n");
        html.Write($"<title>{report.Program} · Lepton report</title>\n");
        html.Raw("<style>\n");
        html.Raw(ReportResource.Style());
        html.Raw("</style>\n</head>\n<body>\n");
    }
}
