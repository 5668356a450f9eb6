using Lepton.Coordination.Leases;

namespace Lepton.Coordination.Tests.Leases;

public sealed class LeaseTableTests
{
    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, 2)]
    [InlineData(2, 2)]
    [InlineData(60, 60)]
    public void Grant_Time_IsTheLeastAtLeast(long asked, long granted)
    {
        var table = new LeaseTable();
        Assert.Equal(LeaseFailure.None, table.Grant(7, asked, out var seconds));
        Assert.Equal(granted, seconds);
        Assert.Equal(granted, table.TtlSeconds[7]);
    }

    [Fact]
    public void Grant_SameIdOrEndlessTime_IsRefused()
    {
        var table = new LeaseTable();
        Assert.Equal(LeaseFailure.TtlTooLarge, table.Grant(7, 9_000_000_001, out _));
        Assert.Equal(LeaseFailure.None, table.Grant(7, 9_000_000_000, out _));
        Assert.Equal(LeaseFailure.Exists, table.Grant(7, 10, out _));
    }

    [Fact]
    public void KeysOf_AttachedAndDetached_AreInOrder()
    {
        var table = new LeaseTable();
        table.Grant(7, 10, out _);
        table.Attach(7, "b"u8);
        table.Attach(7, "c"u8);
        table.Attach(7, "a"u8);
        table.Attach(7, "a"u8);
        table.Detach(7, "c"u8);
        table.Detach(8, "c"u8);
        Assert.Equal(["a"u8.ToArray(), "b"u8.ToArray()], table.KeysOf(7)!);
        table.Remove(7);
        Assert.Null(table.KeysOf(7));
        Assert.Empty(table.TtlSeconds);
    }
}
