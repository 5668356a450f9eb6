using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>The foot of the page.</summary>
internal static class ReportFoot
{
    public static void Write(HtmlWriter html, JobReport report)
    {
        html.Raw("</main>\n<footer>Made by Lepton from the event log");
        if (report.Session is SessionStarted session)
        {
            html.Write($" of session {session.Session}");
        }

        if (report.UnknownEvents > 0)
        {
            html.Write($" · {Quantity.Count(report.UnknownEvents, "event")} of a newer version left out");
        }

        html.Raw("</footer>\n");
    }
}
