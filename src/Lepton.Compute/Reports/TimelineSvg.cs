namespace Lepton.Compute.Reports;

/// <summary>The drawing of tasks by worker over time: lanes, axis, and the ends of workers.</summary>
internal static class TimelineSvg
{
    public const int LanesMax = 200;
    private const double Width = 1160;
    private const double Gutter = 148;
    private const double AxisHeight = 22;
    private const double LabelHeight = 15;
    private const double LaneGap = 8;
    private const double LaneHeightMin = 30;
    private const int LabelRowsMax = 3;

    public static void Write(HtmlWriter html, JobReport report)
    {
        WorkerLane[] lanes = [.. report.Details.Lanes.Take(LanesMax)];
        bool isGrid = report.Details.Timeline.Bars is null;
        double rowHeight = lanes.Sum(lane => lane.Rows) > 60 ? 8 : 15;
        var scale = new TimelineScale(report.Details.Timeline.SpanMs, Gutter, Width - Gutter - 8);
        IEnumerable<WorkerEnd> ends = report.Details.WorkerEnds.Items.Where(end => end.Lane < lanes.Length);
        List<EndLabel> labels = PlaceLabels(ends, scale);
        double top = AxisHeight + (labels.Select(label => label.Row + 1).DefaultIfEmpty(0).Max() * LabelHeight) + 6;
        var places = new List<LanePlace>();
        double y = top;
        foreach (WorkerLane lane in lanes)
        {
            double height = isGrid ? LaneHeightMin : Math.Max(LaneHeightMin, (lane.Rows * (rowHeight + 2)) + 2);
            places.Add(new LanePlace(y, height, rowHeight));
            y += height + LaneGap;
        }

        html.Write($"<svg viewBox=\"0 0 {Width:0} {y:0.#}\" role=\"img\" aria-label=\"Tasks by worker over time\">\n");
        html.Raw("<defs><pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" " +
            "patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" class=\"hatch-ground\" />" +
            "<rect width=\"3\" height=\"6\" class=\"hatch-line\" /></pattern></defs>\n");
        WriteAxis(html, scale, y - LaneGap);
        for (int i = 0; i < lanes.Length; i++)
        {
            WriteLane(html, lanes[i], places[i], scale, report.Details.Timeline.SpanMs);
        }

        if (isGrid)
        {
            TimelineCells.Write(html, report, places, scale);
        }
        else
        {
            TimelineBars.Write(html, report, places, scale);
        }

        WriteEnds(html, labels, places, scale, y - LaneGap);
        html.Raw("</svg>\n");
    }

    private static void WriteAxis(HtmlWriter html, TimelineScale scale, double bottom)
    {
        html.Raw("<g class=\"axis\">\n");
        foreach (double ms in scale.TicksMs())
        {
            double x = scale.X(ms);
            html.Write($"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{AxisHeight - 5:0.#}\" y2=\"{bottom:0.#}\" />");
            string anchor = x > scale.Right - 20 ? "end" : "middle";
            html.Write($"<text x=\"{x:0.#}\" y=\"12\" text-anchor=\"{anchor}\">{Quantity.Duration(ms)}</text>\n");
        }

        html.Raw("</g>\n");
    }

    private static void WriteLane(HtmlWriter html, WorkerLane lane, LanePlace place, TimelineScale scale, double spanMs)
    {
        double from = scale.X(lane.StartMs);
        double to = scale.X(lane.EndMs ?? spanMs);
        string since = lane.StartMs > 0.02 * spanMs ? $"from {Quantity.Duration(lane.StartMs)}" : "";
        string process = lane.ProcessId is int id ? $"pid {id}" : "";
        string note = string.Join(" · ", new[] { process, since }.Where(part => part.Length > 0));
        html.Write($"<g class=\"lane{(lane.EndMs is null ? "" : " ended")}\">");
        html.Write($"<text x=\"{Gutter - 12:0}\" y=\"{place.Y + 12:0.#}\" text-anchor=\"end\">{lane.Name}</text>");
        html.Write($"<text class=\"note\" x=\"{Gutter - 12:0}\" y=\"{place.Y + 25:0.#}\" text-anchor=\"end\">");
        html.Write($"{note}</text>");
        html.Write($"<rect x=\"{from:0.#}\" y=\"{place.Y:0.#}\" width=\"{Math.Max(1, to - from):0.#}\" ");
        html.Write($"height=\"{place.Height:0.#}\" rx=\"3\" /></g>\n");
    }

    private static void WriteEnds(
        HtmlWriter html, List<EndLabel> labels, List<LanePlace> places, TimelineScale scale, double bottom)
    {
        foreach (EndLabel label in labels)
        {
            WorkerEnd end = label.End;
            LanePlace place = places[end.Lane];
            double x = scale.X(end.AtMs);
            double middle = place.Y + (place.Height / 2);
            double textY = AxisHeight + (label.Row * LabelHeight) + 9;
            html.Write($"<g class=\"end {(end.KilledBecause is null ? "lost" : "killed")}\">");
            html.Write($"<title>{Describe(end)}</title>");
            html.Write($"<line x1=\"{x:0.#}\" x2=\"{x:0.#}\" y1=\"{textY - 8:0.#}\" y2=\"{bottom:0.#}\" />");
            html.Write($"<circle cx=\"{x:0.#}\" cy=\"{middle:0.#}\" r=\"7\" />");
            html.Write($"<path d=\"M{x - 3:0.#},{middle - 3:0.#}l6,6m0,-6l-6,6\" />");
            if (label.IsShown)
            {
                double textX = label.IsLeft ? x - 5 : x + 5;
                string anchor = label.IsLeft ? "end" : "start";
                html.Write($"<text x=\"{textX:0.#}\" y=\"{textY:0.#}\" text-anchor=\"{anchor}\">{end.Label}</text>");
            }

            html.Raw("</g>\n");
        }
    }

    private static string Describe(WorkerEnd end)
    {
        var lines = new List<string> { $"{end.Label} at {Quantity.Duration(end.AtMs)}" };
        if (end.KilledBecause is string reason)
        {
            lines.Add($"by the program: {TextLimit.Cut(reason, 200)}");
        }

        if (end.Cause is string cause)
        {
            lines.Add(TextLimit.Cut(cause, 200));
            lines.Add($"{Quantity.Count(end.TasksRunning, "task")} ran on it");
        }

        return string.Join('\n', lines);
    }

    // Labels go on the first row where they do not touch the one before; where three rows are full, the line must do.
    private static List<EndLabel> PlaceLabels(IEnumerable<WorkerEnd> ends, TimelineScale scale)
    {
        const double CharWidth = 6.6;
        double[] taken = new double[LabelRowsMax];
        var labels = new List<EndLabel>();
        foreach (WorkerEnd end in ends.OrderBy(end => end.AtMs))
        {
            double x = scale.X(end.AtMs);
            double width = (end.Label.Length * CharWidth) + 10;
            bool isLeft = x + width > scale.Right;
            double from = isLeft ? x - width : x;
            int row = Array.FindIndex(taken, until => until <= from);
            if (row >= 0)
            {
                taken[row] = from + width + 4;
            }

            labels.Add(new EndLabel(end, Math.Max(0, row), isLeft, row >= 0));
        }

        return labels;
    }

    private sealed record EndLabel(WorkerEnd End, int Row, bool IsLeft, bool IsShown);
}
