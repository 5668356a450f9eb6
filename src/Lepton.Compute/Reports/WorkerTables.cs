namespace Lepton.Compute.Reports;

/// <summary>What each worker did, and how those that are gone ended.</summary>
internal static class WorkerTables
{
    private const int WorkersMax = 200;

    public static void Write(HtmlWriter html, JobReport report)
    {
        if (report.Details.Lanes.Count > 0)
        {
            WriteWorkers(html, report);
        }

        if (report.Details.WorkerEnds.Total > 0)
        {
            WriteEnds(html, report.Details.WorkerEnds);
        }
    }

    private static void WriteWorkers(HtmlWriter html, JobReport report)
    {
        Section.Open(html, "workers", "Tasks per worker");
        Section.OpenTable(
            html, "Worker", "#Process", "#Succeeded", "#Failed", "#Lost", "#Cancelled", "#Busy", "Share of the work",
            "#Peak memory");
        double all = Math.Max(1, report.Details.Lanes.Sum(lane => lane.Succeeded));
        foreach (WorkerLane lane in report.Details.Lanes.Take(WorkersMax))
        {
            html.Write($"<tr><td data-v=\"{lane.Worker}\">{lane.Name}</td>");
            Section.Number(html, lane.ProcessId ?? 0, lane.ProcessId is int id ? $"{id}" : "–");
            Section.Count(html, lane.Succeeded);
            Section.Count(html, lane.Failed);
            Section.Count(html, lane.Lost);
            Section.Count(html, lane.Cancelled);
            double livedMs = (lane.EndMs ?? report.Details.Timeline.SpanMs) - lane.StartMs;
            double busy = livedMs > 0 ? Math.Min(1, lane.BusyMs / (livedMs * lane.Rows)) : 0;
            Section.Number(html, busy, Quantity.Percent(busy));
            double share = lane.Succeeded / all * 100;
            html.Write($"<td data-v=\"{share:0.###}\"><span class=\"share\">");
            html.Write($"<span style=\"width:{share:0.##}%\"></span></span></td>");
            Section.Bytes(html, lane.PeakMemoryBytes);
            html.Raw("</tr>\n");
        }

        Section.CloseTable(html, report.Details.Lanes.Count - WorkersMax, "workers");
        Section.Close(html);
    }

    private static void WriteEnds(HtmlWriter html, Capped<WorkerEnd> ends)
    {
        Section.Open(html, "lost", "Workers killed and lost");
        Section.OpenTable(html, "Worker", "#Process", "#At", "How it ended", "#Peak memory", "#Tasks running");
        foreach (WorkerEnd end in ends.Items.Take(WorkersMax))
        {
            html.Write($"<tr><td data-v=\"{end.Worker}\">worker {end.Worker}</td>");
            Section.Number(html, end.ProcessId ?? 0, end.ProcessId is int id ? $"{id}" : "–");
            Section.Number(html, end.AtMs, Quantity.Duration(end.AtMs));
            html.Raw("<td class=\"text\">");
            if (end.KilledBecause is string reason)
            {
                html.Write($"killed by the program: {TextLimit.Cut(reason, 500)}\n");
            }

            html.Write($"{TextLimit.Cut(end.Cause ?? "", 2_000)}</td>");
            Section.Bytes(html, end.PeakMemoryBytes);
            Section.Count(html, end.TasksRunning);
            html.Raw("</tr>\n");
        }

        Section.CloseTable(html, ends.Total - Math.Min(ends.Items.Count, WorkersMax), "workers");
        Section.Close(html);
    }
}
