using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Skipped rows, jobs and messages.</summary>
internal static class NewsTables
{
    public static void Write(HtmlWriter html, JobReport report)
    {
        if (report.Details.RowsSkipped > 0)
        {
            WriteSkipped(html, report);
        }

        if (report.Details.Jobs.Total > 0)
        {
            WriteJobs(html, report.Details.Jobs);
        }

        if (report.Details.Messages.Total > 0)
        {
            WriteMessages(html, report);
        }
    }

    private static void WriteSkipped(HtmlWriter html, JobReport report)
    {
        Section.Open(html, "skipped", "Skipped rows", Quantity.Count(report.Details.RowsSkipped));
        Section.OpenTable(html, "#Rows", "File", "Some of them");
        foreach (SkippedFile file in report.Details.Skipped.Items)
        {
            html.Raw("<tr>");
            Section.Count(html, file.Count);
            html.Write($"<td>{TextLimit.Cut(file.File, 300)}</td><td class=\"text\">");
            string samples = string.Join('\n', file.Samples.Select(sample => TextLimit.Cut(sample, 300)));
            html.Write($"{samples}</td></tr>\n");
        }

        Section.CloseTable(html, report.Details.Skipped.Hidden, "files");
        Section.Close(html);
    }

    private static void WriteJobs(HtmlWriter html, Capped<JobFinished> jobs)
    {
        Section.Open(html, "jobs", "Jobs", Quantity.Count(jobs.Total));
        Section.OpenTable(html, "Job", "Result", "#Took");
        foreach (JobFinished job in jobs.Items)
        {
            string result = job.Succeeded ? "succeeded" : "failed";
            html.Write($"<tr><td>{TextLimit.Cut(job.Job, 200)}</td><td class=\"text\">");
            html.Write($"<span class=\"pill {result}\">{result}</span> {TextLimit.Cut(job.Error ?? "", 1_000)}</td>");
            Section.Number(html, job.Seconds, Quantity.Duration(job.Seconds * 1000));
            html.Raw("</tr>\n");
        }

        Section.CloseTable(html, jobs.Hidden, "jobs");
        Section.Close(html);
    }

    private static void WriteMessages(HtmlWriter html, JobReport report)
    {
        Section.Open(html, "messages", "Messages");
        Section.OpenTable(html, "#At", "Message");
        foreach (Message message in report.Details.Messages.Items)
        {
            html.Raw("<tr>");
            double atMs = Math.Max(0, (message.Time - report.StartedAt).TotalMilliseconds);
            Section.Number(html, atMs, Quantity.Duration(atMs));
            html.Write($"<td class=\"text\">{TextLimit.Cut(message.Text, 2_000)}</td></tr>\n");
        }

        Section.CloseTable(html, report.Details.Messages.Hidden, "messages");
        Section.Close(html);
    }
}
