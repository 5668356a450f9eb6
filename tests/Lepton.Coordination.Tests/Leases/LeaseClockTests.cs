using Lepton.Coordination.Leases;

namespace Lepton.Coordination.Tests.Leases;

public sealed class LeaseClockTests
{
    private static readonly Dictionary<long, long> s_leases = new() { [1] = 10, [2] = 5 };

    [Fact]
    public void TakeExpired_TimeOver_NamesThemInOrder()
    {
        var clock = Leading();
        Assert.Equal(5000, clock.NextDueMs());
        Assert.Empty(clock.TakeExpired(4999, 10, out _));
        Assert.Equal([2, 1], clock.TakeExpired(10_000, 10, out var term));
        Assert.Equal(3, term);
    }

    [Fact]
    public void Renew_InTime_GivesTheWholeTimeAgain()
    {
        var clock = Leading();
        Assert.Equal(LeaseFailure.None, clock.Renew(2, 4000, out var ttl));
        Assert.Equal(5, ttl);
        Assert.Empty(clock.TakeExpired(8999, 10, out _));
        Assert.Equal(LeaseFailure.None, clock.Remaining(2, 8999, out var left, out _));
        Assert.Equal(1, left);
        Assert.Equal([2], clock.TakeExpired(9000, 10, out _));
    }

    [Fact]
    public void Renew_TimeOver_IsRefusedThoughItIsStillThere()
    {
        var clock = Leading();
        Assert.Equal(LeaseFailure.NotFound, clock.Renew(2, 5000, out _));
        Assert.Equal(LeaseFailure.NotFound, clock.Renew(9, 0, out _));
    }

    [Fact]
    public void Renew_ReportedMeanwhile_IsRefusedThoughItReadTheTimeBefore()
    {
        var clock = Leading();
        Assert.Equal(LeaseFailure.None, clock.Lives(2, 4999));
        Assert.Equal([2], clock.TakeExpired(5000, 10, out _));
        Assert.Equal(LeaseFailure.NotFound, clock.Renew(2, 4999, out _));
        Assert.Equal(LeaseFailure.NotFound, clock.Lives(2, 4999));
    }

    [Fact]
    public void TakeExpired_NotEnded_ReportsAgainLater()
    {
        var clock = Leading();
        Assert.Equal([2], clock.TakeExpired(5000, 10, out _));
        Assert.Empty(clock.TakeExpired(5001, 10, out _));
        Assert.Equal([2], clock.TakeExpired(5000 + LeaseClock.ReportAgainMs, 10, out _));
        clock.Ended(2);
        Assert.Equal([1], clock.TakeExpired(20_000, 10, out _));
    }

    [Fact]
    public void TakeExpired_Many_IsBounded()
    {
        var clock = Leading();
        Assert.Equal([2], clock.TakeExpired(20_000, 1, out _));
        Assert.Equal([1], clock.TakeExpired(20_000, 1, out _));
    }

    [Fact]
    public void Granted_SameIdAgain_ForgetsTheFormerTime()
    {
        var clock = Leading();
        clock.Ended(2);
        clock.Granted(2, 60, 1000);
        Assert.Empty(clock.TakeExpired(9000, 10, out _));
        Assert.Equal([1], clock.TakeExpired(60_999, 10, out _));
        Assert.Equal([2], clock.TakeExpired(61_000, 10, out _));
    }

    [Fact]
    public void Promote_Again_GivesEveryLeaseItsWholeTime()
    {
        var clock = Leading();
        clock.Promote(4, s_leases, 9000);
        Assert.Empty(clock.TakeExpired(13_999, 10, out _));
        Assert.Equal([2], clock.TakeExpired(14_000, 10, out var term));
        Assert.Equal(4, term);
    }

    [Fact]
    public void Trap25_DeposedLeader_NeitherRenewsNorExpires()
    {
        var clock = Leading();
        clock.Demote();
        Assert.Empty(clock.TakeExpired(long.MaxValue / 2, 10, out var term));
        Assert.Equal(0, term);
        Assert.Equal(LeaseFailure.NotLeader, clock.Renew(1, 1, out _));
        Assert.Equal(LeaseFailure.NotLeader, clock.Remaining(1, 1, out _, out _));
        Assert.Equal(LeaseFailure.NotLeader, clock.Lives(1, 1));
        clock.Granted(5, 5, 0);
        Assert.Null(clock.NextDueMs());
    }

    private static LeaseClock Leading()
    {
        var clock = new LeaseClock();
        clock.Promote(3, s_leases, 0);
        return clock;
    }
}
