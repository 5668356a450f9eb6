namespace Lepton.Compute.Reports;

/// <summary>
/// Draws how busy workers were, slice by slice: one path a lane and colour, however many tasks there were.
/// </summary>
internal static class TimelineCells
{
    public static void Write(
        HtmlWriter html, JobReport report, IReadOnlyList<LanePlace> places, TimelineScale scale)
    {
        TimelineGrid grid = report.Details.Timeline.Grid;
        double used = Math.Ceiling(report.Details.Timeline.SpanMs / grid.SliceMs);
        int slices = (int)Math.Clamp(used, 1, TimelineGrid.Slices);
        html.Raw("<g class=\"cells\">\n");
        for (int lane = 0; lane < places.Count; lane++)
        {
            WriteLane(html, grid, slices, lane, report.Details.Lanes[lane], places[lane], scale);
        }

        html.Raw("</g>\n");
    }

    private static void WriteLane(
        HtmlWriter html,
        TimelineGrid grid,
        int slices,
        int lane,
        WorkerLane worker,
        LanePlace place,
        TimelineScale scale)
    {
        double room = place.Height - 2;
        double fullMs = grid.SliceMs * worker.Rows;
        double[] top = new double[slices];
        for (int colour = 0; colour < TimelineGrid.Colours; colour++)
        {
            bool isOpen = false;
            for (int slice = 0; slice < slices; slice++)
            {
                double height = Math.Min(grid.BusyMs(lane, slice, colour) / fullMs * room, room - top[slice]);
                if (height < 0.05)
                {
                    continue;
                }

                if (!isOpen)
                {
                    html.Write($"<path class=\"s{colour}\" d=\"");
                    isOpen = true;
                }

                top[slice] += height;
                double x = scale.X(slice * grid.SliceMs);
                double width = scale.X((slice + 1) * grid.SliceMs) - x;
                html.Write($"M{x:0.#},{place.Y + 1 + room - top[slice]:0.#}h{width:0.##}v{height:0.#}h{-width:0.##}z");
            }

            if (isOpen)
            {
                html.Raw("\" />\n");
            }
        }

        WriteTips(html, grid, slices, lane, worker, place, scale);
    }

    // What the pointer finds: one invisible column a slice with its figures, and a red foot where attempts went wrong.
    private static void WriteTips(
        HtmlWriter html,
        TimelineGrid grid,
        int slices,
        int lane,
        WorkerLane worker,
        LanePlace place,
        TimelineScale scale)
    {
        for (int slice = 0; slice < slices; slice++)
        {
            double busy = 0;
            for (int colour = 0; colour < TimelineGrid.Colours; colour++)
            {
                busy += grid.BusyMs(lane, slice, colour);
            }

            int ended = grid.Ended(lane, slice);
            int bad = grid.EndedBadly(lane, slice);
            if (busy == 0 && ended == 0)
            {
                continue;
            }

            double x = scale.X(slice * grid.SliceMs);
            double width = scale.X((slice + 1) * grid.SliceMs) - x;
            if (bad > 0)
            {
                html.Write($"<rect class=\"failed\" x=\"{x:0.#}\" y=\"{place.Y + place.Height:0.#}\" ");
                html.Write($"width=\"{Math.Max(2, width):0.##}\" height=\"3\" />");
            }

            html.Write($"<rect x=\"{x:0.#}\" y=\"{place.Y:0.#}\" width=\"{width:0.##}\" ");
            html.Write($"height=\"{place.Height:0.#}\"><title>{worker.Name} · ");
            html.Write($"{Quantity.Duration(slice * grid.SliceMs)}\n{Quantity.Count(ended)} ended · ");
            html.Write($"{Quantity.Percent(Math.Min(1, busy / (grid.SliceMs * worker.Rows)))} busy");
            if (bad > 0)
            {
                html.Write($" · {Quantity.Count(bad)} failed or lost");
            }

            html.Raw("</title></rect>\n");
        }
    }
}
