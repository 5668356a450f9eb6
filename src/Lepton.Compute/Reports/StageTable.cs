namespace Lepton.Compute.Reports;

/// <summary>The stages with their tasks, rows, bytes and durations.</summary>
internal static class StageTable
{
    private const int StagesMax = 500;

    public static void Write(HtmlWriter html, JobReport report)
    {
        if (report.Details.Stages.Count == 0)
        {
            return;
        }

        Section.Open(html, "stages", "Stages", "durations are of attempts that succeeded; skew is max ÷ median");
        Section.OpenTable(
            html, "#No.", "Stage", "#Tasks", "#Attempts", "#Retries", "#Rows out", "#Shuffle read", "#Shuffle written",
            "#Spilled", "#Median", "#Max", "#Skew", "#Took");
        foreach (StageSummary stage in report.Details.Stages.Take(StagesMax))
        {
            WriteRow(html, stage);
        }

        Section.CloseTable(html, report.Details.Stages.Count - StagesMax, "stages");
        Section.Close(html);
    }

    private static void WriteRow(HtmlWriter html, StageSummary stage)
    {
        html.Raw("<tr>");
        Section.Number(html, stage.Stage, $"{stage.Stage}");
        html.Write($"<td class=\"text\"><i class=\"dot s{stage.Colour}\"></i>{TextLimit.Cut(stage.Name, 200)}");
        if (stage.Parents.Count > 0)
        {
            html.Write($" <small>after {TextLimit.Cut(string.Join(", ", stage.Parents), 60)}</small>");
        }

        html.Raw("</td>");
        long tasks = stage.TaskCount > 0 ? stage.TaskCount : stage.Succeeded;
        Section.Count(html, tasks);
        Section.Count(html, stage.Attempts);
        Section.Count(html, stage.Retries);
        Section.Count(html, stage.RowsOut);
        Section.Bytes(html, stage.ShuffleReadBytes);
        Section.Bytes(html, stage.ShuffleWrittenBytes);
        Section.Bytes(html, stage.SpilledBytes);
        bool any = stage.Succeeded > 0;
        Section.Number(html, stage.MedianMs, any ? Quantity.Duration(stage.MedianMs) : "–");
        Section.Number(html, stage.MaxMs, any ? Quantity.Duration(stage.MaxMs) : "–");
        Section.Number(html, stage.Skew, stage.Skew > 0 ? $"{Quantity.Number(Math.Round(stage.Skew, 1))}×" : "–");
        string took = stage.Seconds is double seconds ? Quantity.Duration(seconds * 1000) : "unfinished";
        Section.Number(html, stage.Seconds ?? -1, took);
        html.Raw("</tr>\n");
    }
}
