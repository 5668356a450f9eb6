using Lepton.Core;

namespace Lepton.Compute.Reports;

/// <summary>
/// How busy each worker was in each slice of time, by colour. Slices double when time outgrows them, so that it holds
/// any number of tasks in the same memory.
/// </summary>
internal sealed class TimelineGrid
{
    public const int Slices = 512;
    public const int Colours = 8;

    private readonly List<LaneCells> _lanes = [];

    /// <summary>How long a slice is.</summary>
    public double SliceMs { get; private set; } = 1;

    /// <summary>Adds an attempt. It is counted in the slice in which it ended.</summary>
    public void Add(int lane, int colour, double startMs, double endMs, bool isGood)
    {
        Invariant.Check(startMs >= 0 && endMs >= startMs && (uint)colour < Colours);
        while (endMs >= SliceMs * Slices)
        {
            SliceMs *= 2;
            _lanes.ForEach(cells => cells.Halve());
        }

        while (_lanes.Count <= lane)
        {
            _lanes.Add(new LaneCells());
        }

        LaneCells target = _lanes[lane];
        int last = (int)(endMs / SliceMs);
        for (int slice = (int)(startMs / SliceMs); slice <= last; slice++)
        {
            double from = Math.Max(startMs, slice * SliceMs);
            double to = Math.Min(endMs, (slice + 1) * SliceMs);
            target.BusyMs[(slice * Colours) + colour] += Math.Max(0, to - from);
        }

        target.Ended[last]++;
        target.EndedBadly[last] += isGood ? 0 : 1;
    }

    /// <summary>
    /// Merges slices until <paramref name="lanes"/> lanes of them are no more than <paramref name="cellsMax"/>.
    /// </summary>
    public void Coarsen(int lanes, double spanMs, int cellsMax)
    {
        while (Math.Ceiling(spanMs / SliceMs) * lanes > cellsMax)
        {
            SliceMs *= 2;
            _lanes.ForEach(cells => cells.Halve());
        }
    }

    public double BusyMs(int lane, int slice, int colour) =>
        lane < _lanes.Count ? _lanes[lane].BusyMs[(slice * Colours) + colour] : 0;

    public int Ended(int lane, int slice) => lane < _lanes.Count ? _lanes[lane].Ended[slice] : 0;

    public int EndedBadly(int lane, int slice) => lane < _lanes.Count ? _lanes[lane].EndedBadly[slice] : 0;

    private sealed class LaneCells
    {
        public double[] BusyMs { get; } = new double[Slices * Colours];

        public int[] Ended { get; } = new int[Slices];

        public int[] EndedBadly { get; } = new int[Slices];

        public void Halve()
        {
            for (int slice = 0; slice < Slices; slice++)
            {
                bool merged = slice < Slices / 2;
                Ended[slice] = merged ? Ended[2 * slice] + Ended[(2 * slice) + 1] : 0;
                EndedBadly[slice] = merged ? EndedBadly[2 * slice] + EndedBadly[(2 * slice) + 1] : 0;
                for (int colour = 0; colour < Colours; colour++)
                {
                    int first = (2 * slice * Colours) + colour;
                    BusyMs[(slice * Colours) + colour] = merged ? BusyMs[first] + BusyMs[first + Colours] : 0;
                }
            }
        }
    }
}
