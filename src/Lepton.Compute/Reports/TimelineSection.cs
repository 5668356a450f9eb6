namespace Lepton.Compute.Reports;

/// <summary>The timeline with its legend.</summary>
internal static class TimelineSection
{
    private const int StagesMax = 16;

    public static void Write(HtmlWriter html, JobReport report)
    {
        if (report.Details.Lanes.Count == 0)
        {
            return;
        }

        bool isGrid = report.Details.Timeline.Bars is null;
        Section.Open(html, "timeline", "Timeline", isGrid
            ? $"{Quantity.Count(report.Attempts)} attempts; each column is " +
              $"{Quantity.Duration(report.Details.Timeline.Grid.SliceMs)}, its height how busy the worker was"
            : "each bar is one attempt at a task");
        WriteLegend(html, report, isGrid);
        html.Raw("<div class=\"scroll\">\n");
        TimelineSvg.Write(html, report);
        html.Raw("</div>\n");
        int hidden = report.Details.Lanes.Count - TimelineSvg.LanesMax;
        if (hidden > 0)
        {
            html.Write($"<p class=\"more\">and {Quantity.Count(hidden)} workers more</p>\n");
        }

        Section.Close(html);
    }

    private static void WriteLegend(HtmlWriter html, JobReport report, bool isGrid)
    {
        html.Raw("<ul class=\"legend\">\n");
        foreach (StageSummary stage in report.Details.Stages.Where(stage => stage.Attempts > 0).Take(StagesMax))
        {
            html.Write($"<li data-stage=\"{stage.Colour}\"><i class=\"s{stage.Colour}\"></i>");
            html.Write($"{TextLimit.Cut(stage.Name, 60)}</li>\n");
        }

        int hidden = report.Details.Stages.Count(stage => stage.Attempts > 0) - StagesMax;
        if (hidden > 0)
        {
            html.Write($"<li>and {Quantity.Count(hidden)} more, in the same colours</li>\n");
        }

        if (isGrid)
        {
            html.Raw("<li><i class=\"failed\"></i>failed or lost</li>\n");
        }
        else
        {
            WriteMarks(html, report);
        }

        html.Raw("</ul>\n");
    }

    private static void WriteMarks(HtmlWriter html, JobReport report)
    {
        (string Kind, string Name, bool IsThere)[] marks =
        [
            ("failed", "failed", report.Details.Lanes.Any(lane => lane.Failed > 0)),
            ("lost", "lost with its worker", report.Details.Lanes.Any(lane => lane.Lost > 0)),
            ("cancelled", "cancelled", report.Details.Lanes.Any(lane => lane.Cancelled > 0)),
            ("speculative", "speculative twin", report.Details.Timeline.Bars!.Any(bar => bar.Task.Speculative)),
            ("again", "tried again", report.Details.Timeline.Bars!.Any(bar => bar.Task.Attempt > 1)),
        ];
        foreach ((string kind, string name, bool _) in marks.Where(mark => mark.IsThere))
        {
            html.Write($"<li class=\"mark\"><i class=\"{kind}\"></i>{name}</li>\n");
        }
    }
}
