using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Reports;

namespace Lepton.Compute.Tests.Reports;

public sealed class TimelineGridTests
{
    [Fact]
    public void Add_AnyTasks_LosesNoTimeAndNoTask() => Prop.ForAll(
        Gen.Choose(0, 100_000).Zip(Gen.Choose(0, 5_000)).ListOf().ToArbitrary(),
        tasks =>
        {
            var grid = new TimelineGrid();
            foreach ((int start, int length) in tasks)
            {
                int colour = length % TimelineGrid.Colours;
                grid.Add(start % 3, colour, start / 10.0, (start + length) / 10.0, length % 2 == 0);
            }

            grid.Coarsen(3, 10_500, 300);
            var cells = from lane in Enumerable.Range(0, 3)
                        from slice in Enumerable.Range(0, TimelineGrid.Slices)
                        select (lane, slice);
            double busyMs = cells.Sum(cell => Enumerable.Range(0, TimelineGrid.Colours)
                .Sum(colour => grid.BusyMs(cell.lane, cell.slice, colour)));
            return Math.Abs(busyMs - tasks.Sum(task => task.Item2 / 10.0)) < 1e-6
                && cells.Sum(cell => grid.Ended(cell.lane, cell.slice)) == tasks.Count
                && cells.Sum(cell => grid.EndedBadly(cell.lane, cell.slice)) == tasks.Count(task => task.Item2 % 2 != 0)
                && Math.Ceiling(10_500 / grid.SliceMs) * 3 <= 300;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Add_TimePastTheLastSlice_DoublesTheSlices()
    {
        var grid = new TimelineGrid();
        grid.Add(0, 0, 0, 1, true);
        grid.Add(0, 1, 1_000, 1_001, true);

        Assert.Equal(2, grid.SliceMs);
        Assert.Equal((1, 1), (grid.BusyMs(0, 0, 0), grid.BusyMs(0, 500, 1)));
    }
}
