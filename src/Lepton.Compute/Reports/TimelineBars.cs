using Lepton.Compute.Events;

namespace Lepton.Compute.Reports;

/// <summary>Draws each attempt as a bar.</summary>
internal static class TimelineBars
{
    private const double WidthMin = 1.5;

    public static void Write(
        HtmlWriter html, JobReport report, IReadOnlyList<LanePlace> places, TimelineScale scale)
    {
        Dictionary<int, StageSummary> stages = report.Details.Stages.ToDictionary(stage => stage.Stage);
        html.Raw("<g class=\"tasks\">\n");
        foreach (TaskBar bar in report.Details.Timeline.Bars!)
        {
            if (bar.Lane < places.Count)
            {
                WriteBar(html, bar, stages[bar.Task.Stage], places[bar.Lane], scale);
            }
        }

        html.Raw("</g>\n");
    }

    private static void WriteBar(
        HtmlWriter html, TaskBar bar, StageSummary stage, LanePlace place, TimelineScale scale)
    {
        double x = scale.X(bar.StartMs);
        double width = Math.Max(WidthMin, scale.X(bar.EndMs) - x);
        double y = place.Y + 2 + (bar.Row * (place.RowHeight + 2));
        double height = place.Height - 4 >= (2 * place.RowHeight) + 2 ? place.RowHeight : place.Height - 4;
        html.Write($"<rect class=\"s{stage.Colour}{Marks(bar.Task)}\" x=\"{x:0.##}\" y=\"{y:0.#}\" ");
        html.Write($"width=\"{width:0.##}\" height=\"{height:0.#}\"><title>{Describe(bar, stage)}</title></rect>");
        if (bar.Task.Attempt > 1)
        {
            html.Write($"<path class=\"again\" d=\"M{x:0.#},{y:0.#}h6l-6,6z\" />");
        }

        html.Raw("\n");
    }

    private static string Marks(TaskFinished task)
    {
        string outcome = task.Outcome switch
        {
            TaskOutcome.Failed => " failed",
            TaskOutcome.Lost => " lost",
            TaskOutcome.Cancelled => " cancelled",
            _ => "",
        };
        return task.Speculative ? outcome + " speculative" : outcome;
    }

    private static string Describe(TaskBar bar, StageSummary stage)
    {
        TaskFinished task = bar.Task;
        string outcome = task.Outcome switch
        {
            TaskOutcome.Succeeded => "",
            TaskOutcome.Failed => " · failed",
            TaskOutcome.Lost => " · lost with its worker",
            _ => " · cancelled",
        };
        string twin = task.Speculative ? " · speculative twin" : "";
        string name = TextLimit.Cut(stage.Name, 80);
        string lines = $"{name} · partition {task.Partition} · attempt {task.Attempt}{twin}\n" +
            $"worker {task.Worker} · {Quantity.Duration(bar.StartMs)} + {Quantity.Duration(task.DurationMs)}{outcome}";
        if (task.QueuedMs >= 1)
        {
            lines += $" · queued {Quantity.Duration(task.QueuedMs)}";
        }

        if (task.RowsOut > 0)
        {
            lines += $"\n{Quantity.Count(task.RowsOut, "row")} out";
        }

        return task.ErrorMessage is string message ? $"{lines}\n{TextLimit.Cut(message, 160)}" : lines;
    }
}
