using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Reports;

namespace Lepton.Compute.Tests.Reports;

public sealed class SlotRowsTests
{
    [Fact]
    public void Place_AnyTasksInOrderOfTheirEnds_NeedsAsManyRowsAsRanAtOnce() => Prop.ForAll(
        Gen.Choose(0, 60).Zip(Gen.Choose(1, 20)).ListOf().ToArbitrary(),
        pairs =>
        {
            (int From, int To)[] tasks = [.. pairs.Select(pair => (pair.Item1, pair.Item1 + pair.Item2))];
            var rows = new SlotRows(100);
            var placed = tasks.OrderBy(task => task.To)
                .Select(task => (Task: task, Row: rows.Place(task.From, task.To))).ToList();
            int atOnce = Enumerable.Range(0, 80).Max(ms => tasks.Count(task => task.From <= ms && ms < task.To));
            bool overlaps = placed.GroupBy(entry => entry.Row).Any(row => row
                .Zip(row.Skip(1)).Any(pair => pair.First.Task.To > pair.Second.Task.From));
            return rows.Count == atOnce && !overlaps;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Place_MoreAtOnceThanRows_SharesTheRowThatIsFreeFirst()
    {
        var rows = new SlotRows(2);

        Assert.Equal([0, 1, 0], [rows.Place(0, 10), rows.Place(0, 11), rows.Place(0, 12)]);
        Assert.Equal(2, rows.Count);
    }
}
