using FsCheck;
using FsCheck.Fluent;
using Lepton.Compute.Reports;

namespace Lepton.Compute.Tests.Reports;

public sealed class DurationHistogramTests
{
    [Fact]
    public void QuantileMs_AnyDurations_IsWithinOnePercent() => Prop.ForAll(
        Gen.Choose(1, 1_000_000).Select(n => n / 7.0).NonEmptyListOf().ToArbitrary(),
        durations =>
        {
            var histogram = new DurationHistogram();
            foreach (double ms in durations)
            {
                histogram.Add(ms);
            }

            double median = durations.Order().ElementAt(((durations.Count + 1) / 2) - 1);
            return Math.Abs(histogram.QuantileMs(0.5) - median) <= 0.011 * median
                && histogram.MaxMs == durations.Max();
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void QuantileMs_NoDurations_IsZero() => Assert.Equal(0, new DurationHistogram().QuantileMs(0.5));

    [Fact]
    public void QuantileMs_ZeroDurations_IsZero()
    {
        var histogram = new DurationHistogram();
        histogram.Add(0);

        Assert.Equal(0, histogram.QuantileMs(0.5));
    }
}
