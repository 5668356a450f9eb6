using Lepton.Coordination.Recipes.Sessions;

namespace Lepton.Coordination.Tests.Recipes;

public sealed class LeaseClockTests
{
    [Fact]
    public void Deadline_CountsFromTheSendingLessAMargin()
    {
        LeaseClock clock = new(Seconds(0), Seconds(6));
        Assert.Equal(Seconds(5.4), clock.Deadline);
        clock.Confirmed(Seconds(2), Seconds(6));
        Assert.Equal(Seconds(7.4), clock.Deadline);
        Assert.False(clock.IsOver(Seconds(7.3)));
        Assert.True(clock.IsOver(Seconds(7.4)));
    }

    [Fact]
    public void Confirmed_AnswersOutOfOrder_TheDeadlineNeverGoesBack()
    {
        LeaseClock clock = new(Seconds(0), Seconds(6));
        clock.Confirmed(Seconds(4), Seconds(6));
        clock.Confirmed(Seconds(2), Seconds(6));
        Assert.Equal(Seconds(9.4), clock.Deadline);
    }

    [Fact]
    public void Margin_LongLease_IsASecondAtMost() =>
        Assert.Equal(Seconds(59), new LeaseClock(Seconds(0), Seconds(60)).Deadline);

    [Fact]
    public void Beats_FitThreeTimesIntoTheLease_AndSoonerAfterAFailure()
    {
        LeaseClock clock = new(Seconds(0), Seconds(6));
        Assert.Equal(Seconds(2), clock.PauseBeforeBeat(lastFailed: false));
        Assert.Equal(Seconds(0.4), clock.PauseBeforeBeat(lastFailed: true));
        Assert.Equal(Seconds(2), clock.TimeForBeat(Seconds(1)));
        Assert.Equal(Seconds(0.4), clock.TimeForBeat(Seconds(5)));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
