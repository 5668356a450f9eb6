using FsCheck;
using FsCheck.Fluent;
using Lepton.Rpc.Protocol;

namespace Lepton.Rpc.Tests.Protocol;

public sealed class TimeoutFormatTests
{
    [Theory]
    [InlineData(0, "0u")]
    [InlineData(1, "1u")]
    [InlineData(10, "1u")]
    [InlineData(15_000_000, "1500000u")]
    [InlineData(10_000_000L * 60, "60000000u")]
    [InlineData(10_000_000L * 3600, "3600000m")]
    [InlineData(10_000_000L * 3600 * 24 * 40, "3456000S")]
    [InlineData(-5, "0u")]
    public void Format_Ticks_UsesTheFinestUnitThatFits(long ticks, string expected) =>
        Assert.Equal(expected, TimeoutFormat.Format(TimeSpan.FromTicks(ticks)));

    [Fact]
    public void Format_AnyTime_ReadsBackNoShorterAndHardlyLonger()
    {
        Gen<long> ticks = Gen.Choose(0, int.MaxValue).SelectMany(
            high => Gen.Choose(0, 20_000), (high, low) => ((long)high * low));
        Prop.ForAll(ticks.ToArbitrary(), t =>
        {
            TimeSpan time = TimeSpan.FromTicks(Math.Min(t, TimeoutFormat.TimeoutMax.Ticks));
            string text = TimeoutFormat.Format(time);
            bool parsed = TimeoutFormat.TryParse(text, out TimeSpan back);
            return parsed && text.Length <= 9 && back >= time &&
                back - time <= TimeSpan.FromTicks(10) + (time / 100_000);
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("1H", 3600)]
    [InlineData("2M", 120)]
    [InlineData("3S", 3)]
    [InlineData("4000m", 4)]
    [InlineData("5000000u", 5)]
    [InlineData("99999999H", 49 * 24 * 3600)]
    public void TryParse_EveryUnit_GivesSeconds(string text, double seconds)
    {
        Assert.True(TimeoutFormat.TryParse(text, out TimeSpan timeout));
        Assert.Equal(seconds, timeout.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("5")]
    [InlineData("-5S")]
    [InlineData("5s")]
    [InlineData("1.5S")]
    [InlineData(" 5S")]
    [InlineData("123456789S")]
    public void TryParse_Malformed_IsRefused(string text) => Assert.False(TimeoutFormat.TryParse(text, out _));
}
