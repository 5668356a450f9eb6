namespace Lepton.Simulation.Checking;

public sealed class WatchCheckerTests
{
    private static readonly WatchedEvent[] Happened =
        [new(2, 0, "a", "1"), new(3, 0, "a", "2"), new(3, 1, "b", null), new(4, 0, "a", "3")];

    [Fact]
    public void Check_AllInOrder_FindsNothing() => Assert.Empty(WatchChecker.Check(Happened, Happened[1..], 3, 4));

    [Fact]
    public void Check_EndNotYetTold_FindsNothing() => Assert.Empty(WatchChecker.Check(Happened, Happened[..3], 2, 3));

    [Fact]
    public void Check_Gap_IsFound() => Assert.Equal(["3.1 b=deleted happened and was not told."],
        WatchChecker.Check(Happened, [Happened[0], Happened[1], Happened[3]], 2, 4));

    [Fact]
    public void Check_Repetition_IsFound() => Assert.Equal(["3.0 a=2 was told after 3.0 a=2: not in order, or twice."],
        WatchChecker.Check(Happened, [Happened[1], Happened[1]], 3, 2));

    [Fact]
    public void Check_StepBack_IsFound() => Assert.Equal(["2.0 a=1 was told after 3.0 a=2: not in order, or twice."],
        WatchChecker.Check(Happened, [Happened[1], Happened[0]], 2, 2));

    [Fact]
    public void Check_InventedEvent_IsFound() => Assert.Equal(["3.0 a=9 was told and never happened."],
        WatchChecker.Check(Happened, [Happened[0], new(3, 0, "a", "9")], 2, 2));

    [Fact]
    public void Check_EventBeforeTheStart_IsFound() => Assert.Equal(
        ["2.0 a=1 was told and lies before revision 3, where the watch began."],
        WatchChecker.Check(Happened, [Happened[0], Happened[1]], 3, 2));

    [Fact]
    public void CheckReads_ReadBehindAWatch_IsFound()
    {
        (long, long)[] told = [(10, 5), (20, 7)];
        Assert.Empty(WatchChecker.CheckReads(told, [(5, 2), (11, 5), (20, 6), (21, 7)]));
        Assert.Equal(
            ["The read that began at 11 was answered as of revision 4, after a watch had told of 5."],
            WatchChecker.CheckReads(told, [(21, 9), (11, 4)]));
    }
}
