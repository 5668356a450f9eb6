using Lepton.Coordination.Hosting;

namespace Lepton.Coordination.Tests.Hosting;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("90m", 5400)]
    [InlineData("1h30m", 5400)]
    [InlineData("2.5s", 2.5)]
    [InlineData("100ms", 0.1)]
    [InlineData("1m1s1ms", 61.001)]
    public void Parse_Time_GivesIt(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), DurationText.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("-5m")]
    [InlineData("1h 30m")]
    [InlineData("1..5h")]
    [InlineData("5 minutes")]
    [InlineData("99999999999999h")]
    public void Parse_NoTime_GivesNothing(string text) => Assert.Null(DurationText.Parse(text));
}
