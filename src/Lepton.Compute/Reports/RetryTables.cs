using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Retries with their reasons, errors of failed attempts, and output that was made again.</summary>
internal static class RetryTables
{
    private const int ReasonsMax = 50;

    public static void Write(HtmlWriter html, JobReport report)
    {
        Dictionary<int, string> stages = report.Details.Stages.ToDictionary(stage => stage.Stage, stage => stage.Name);
        if (report.Retries > 0)
        {
            WriteRetries(html, report, stages);
        }

        if (report.Details.Failures.Count > 0)
        {
            WriteFailures(html, report, stages);
        }

        if (report.Details.OutputsLost.Total > 0)
        {
            WriteOutputs(html, report.Details.OutputsLost, stages);
        }
    }

    private static void WriteRetries(HtmlWriter html, JobReport report, Dictionary<int, string> stages)
    {
        Section.Open(html, "retries", "Retries", Quantity.Count(report.Retries));
        Section.OpenTable(html, "#Retries", "Reason");
        foreach ((string reason, long count) in report.Details.RetryReasons.Take(ReasonsMax))
        {
            html.Raw("<tr>");
            Section.Count(html, count);
            html.Write($"<td class=\"text\">{TextLimit.Cut(reason, 1_000)}</td></tr>\n");
        }

        Section.CloseTable(html, report.Details.RetryReasons.Count - ReasonsMax, "reasons");
        html.Raw("<details><summary>Each retry</summary>\n");
        Section.OpenTable(html, "#At", "Stage", "#Partition", "#Attempt", "#Waited", "Reason");
        foreach (TaskRetried retried in report.Details.Retried.Items)
        {
            html.Raw("<tr>");
            double atMs = (retried.Time - report.StartedAt).TotalMilliseconds;
            Section.Number(html, atMs, Quantity.Duration(Math.Max(0, atMs)));
            html.Write($"<td>{TextLimit.Cut(stages[retried.Stage], 80)}</td>");
            Section.Number(html, retried.Partition, $"{retried.Partition}");
            Section.Number(html, retried.Attempt, $"{retried.Attempt}");
            Section.Number(html, retried.BackoffMs, Quantity.Duration(retried.BackoffMs));
            html.Write($"<td class=\"text\">{TextLimit.Cut(retried.Reason, 300)}</td></tr>\n");
        }

        Section.CloseTable(html, report.Details.Retried.Hidden, "retries");
        html.Raw("</details>\n");
        Section.Close(html);
    }

    private static void WriteFailures(HtmlWriter html, JobReport report, Dictionary<int, string> stages)
    {
        Section.Open(html, "failures", "Errors of failed attempts");
        Section.OpenTable(html, "#Attempts", "Stage", "Error");
        foreach ((FailureGroup failure, long count) in report.Details.Failures.Take(ReasonsMax))
        {
            html.Raw("<tr>");
            Section.Count(html, count);
            html.Write($"<td>{TextLimit.Cut(stages.GetValueOrDefault(failure.Stage, "–"), 80)}</td>");
            html.Write($"<td class=\"text\"><b>{TextLimit.Cut(failure.ErrorType, 200)}</b> ");
            html.Write($"{TextLimit.Cut(failure.ErrorMessage, 2_000)}</td></tr>\n");
        }

        Section.CloseTable(html, report.Details.Failures.Count - ReasonsMax, "errors");
        Section.Close(html);
    }

    private static void WriteOutputs(HtmlWriter html, Capped<OutputLost> outputs, Dictionary<int, string> stages)
    {
        Section.Open(html, "outputs", "Output made again", "it was gone with its worker");
        Section.OpenTable(html, "Stage", "Worker", "#Tasks", "Partitions");
        foreach (OutputLost lost in outputs.Items)
        {
            string stage = stages.GetValueOrDefault(lost.Stage, $"stage {lost.Stage}");
            html.Write($"<tr><td>{TextLimit.Cut(stage, 80)}</td>");
            html.Write($"<td data-v=\"{lost.Worker}\">worker {lost.Worker}</td>");
            Section.Count(html, lost.Partitions.Count);
            html.Write($"<td>{TextLimit.Cut(string.Join(", ", lost.Partitions.Take(100)), 200)}</td></tr>\n");
        }

        Section.CloseTable(html, outputs.Hidden, "losses");
        Section.Close(html);
    }
}
