using System.Globalization;
using Lepton.Compute.Reports;

namespace Lepton.Compute.Tests.Reports;

public sealed class QuantityTests
{
    [Theory]
    [InlineData(0, "0 s")]
    [InlineData(0.0004, "0 µs")]
    [InlineData(0.85, "850 µs")]
    [InlineData(1, "1 ms")]
    [InlineData(12.345, "12.3 ms")]
    [InlineData(999.4, "999 ms")]
    [InlineData(999.6, "1 s")]
    [InlineData(4_560, "4.56 s")]
    [InlineData(59_940, "59.9 s")]
    [InlineData(59_999, "1 m 00 s")]
    [InlineData(125_000, "2 m 05 s")]
    [InlineData(11_220_000, "3 h 07 m")]
    public void Duration_OfAnySize_IsShort(double ms, string expected) => Assert.Equal(expected, Quantity.Duration(ms));

    [Theory]
    [InlineData(10, "10")]
    [InlineData(-3, "-3")]
    [InlineData(0.44119, "0.4412")]
    [InlineData(0.00001234, "1.234e-5")]
    [InlineData(1234567, "1,234,567")]
    [InlineData(double.NaN, "not a number")]
    [InlineData(double.PositiveInfinity, "infinite")]
    [InlineData(double.NegativeInfinity, "−infinite")]
    public void Number_OfAnySize_IsShort(double value, string expected) =>
        Assert.Equal(expected, Quantity.Number(value));

    [Fact]
    public void Count_OneAndMany_HasTheRightNoun() =>
        Assert.Equal(("1 task", "1,200 tasks"), (Quantity.Count(1, "task"), Quantity.Count(1_200, "task")));

    [Fact]
    public void Percent_InACultureWithCommas_HasAPoint()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            commas.NumberFormat.NumberDecimalSeparator = ",";
            CultureInfo.CurrentCulture = commas;

            Assert.Equal("96.7 %", Quantity.Percent(0.9667));
            Assert.Equal("4.56 s", Quantity.Duration(4_560));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
